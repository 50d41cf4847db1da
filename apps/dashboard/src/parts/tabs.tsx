import { Link } from "@tanstack/react-router";
import { useAddress } from "../address/use-address.ts";
import styles from "./tabs.module.css";

export type TabsProps<Key extends string> = {
  /** The name in the address. The first tab is the default, and leaves no trace there. */
  name: string;
  tabs: readonly (readonly [key: Key, label: string])[];
  /** What is chosen between, for screen readers. */
  label: string;
};

/** The chosen tab of the address. A wrong one is the first. */
export function useTab<Key extends string>({ name, tabs }: Pick<TabsProps<Key>, "name" | "tabs">): Key {
  const { search } = useAddress();
  const [first] = tabs;
  if (first === undefined) throw new Error(`${name} has no tabs`);
  return (tabs.find(([key]) => key === search[name]) ?? first)[0];
}

/** Links that choose what a part shows: each is an address, so it can be opened in another window and sent to others. */
export function Tabs<Key extends string>({ name, tabs, label }: TabsProps<Key>) {
  const { searchWith } = useAddress();
  const chosen = useTab({ name, tabs });
  return (
    <nav aria-label={label}>
      <ul className={styles["tabs"]}>
        {tabs.map(([key, text], index) => (
          <li key={key}>
            <Link
              to="."
              search={searchWith({}, { [name]: index === 0 ? undefined : key }) as never}
              resetScroll={false}
              replace
              className={styles["tab"]}
              // Otherwise the router takes an address with more parts than the link's for it.
              activeOptions={{ exact: true }}
              aria-current={key === chosen ? "true" : undefined}
            >
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
