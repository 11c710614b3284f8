// What of a page of administration is chosen: in the address.

import { useLocation, useRouter } from "@tanstack/react-router";

type AdminSearch = Readonly<Record<string, string | undefined>>;

/** The parameters of the address, and changing some of them. */
export function useAdminSearch(): [AdminSearch, (change: AdminSearch) => void] {
  const { pathname, searchStr } = useLocation();
  const router = useRouter();
  const search: AdminSearch = Object.fromEntries(new URLSearchParams(searchStr));
  const choose = (change: AdminSearch) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value);
    const text = new URLSearchParams(next as [string, string][]).toString();
    router.history.replace(text ? `${pathname}?${text}` : pathname);
  };
  return [search, choose];
}
