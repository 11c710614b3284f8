// Tells when the end of what is loaded comes into sight.

import { type RefObject, useEffect, useRef } from "react";

export function useEnd<T extends Element>(onEnd: (() => void) | undefined): RefObject<T | null> {
  const last = useRef<T>(null);
  useEffect(() => {
    if (!onEnd || !last.current) return;
    const watch = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) onEnd();
      },
      { rootMargin: "600px" },
    );
    watch.observe(last.current);
    return () => watch.disconnect();
  }, [onEnd]);
  return last;
}
