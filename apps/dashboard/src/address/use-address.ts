import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { type Address, readAddress, type WrongPart, writeAddress } from "./address.ts";
import type { Search } from "./search.ts";

/** Changes of single parts of an address; undefined removes one. */
export type SearchChange = Readonly<Record<string, string | undefined>>;

export type UsedAddress = {
  address: Address;
  /** Parts that are wrong, and ignored. */
  wrong: readonly WrongPart[];
  /** Everything in the address, as text: pages read their own names from it. */
  search: Search;
  /** The part that every page understands: for links to other pages, which have other names for the rest. */
  shared: Search;
  /** The search of an address with changes, for links. */
  searchWith: (change: Partial<Address>, more?: SearchChange) => Search;
  /** Goes there. A change that is typed, like a filter of a table, replaces the entry of the browser's history. */
  go: (change: Partial<Address>, more?: SearchChange, options?: { replace?: boolean }) => void;
};

/** What the address says, and how to change it. Everything that a page shows is in it. */
export function useAddress(): UsedAddress {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  return useMemo(() => {
    const { address, wrong } = readAddress(search);
    const searchWith: UsedAddress["searchWith"] = (change, more = {}) =>
      withoutUndefined({ ...search, ...writeAddress({ ...address, ...change }), ...more });
    return {
      address,
      wrong,
      search,
      shared: withoutUndefined(writeAddress(address)),
      searchWith,
      go(change, more, { replace = false } = {}) {
        void navigate({ to: ".", search: searchWith(change, more) as never, replace, resetScroll: false });
      },
    };
  }, [search, navigate]);
}

function withoutUndefined(search: SearchChange): Search {
  return Object.fromEntries(
    Object.entries(search).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
