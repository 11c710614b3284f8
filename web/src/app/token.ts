// The token of a link that lets somebody in: it stands behind the `#` of the address, which browsers
// send to no server, and is taken out of the address as soon as it is read.

import { useEffect, useState } from "react";

/** The token that the page was opened with; null where there is none. */
export function useAddressToken(): string | null {
  const [token] = useState(() => decodeURIComponent(location.hash.slice(1)) || null);
  useEffect(() => {
    history.replaceState(history.state, "", location.pathname);
    // Another link of the same page changes nothing but the part that no server sees.
    const again = () => location.hash && location.reload();
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, []);
  return token;
}
