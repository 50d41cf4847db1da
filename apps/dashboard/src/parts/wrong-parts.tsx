import type { WrongPart } from "../address/address.ts";
import { useAddress } from "../address/use-address.ts";
import styles from "./period-bar.module.css";

/** Names the parts of the address that are ignored, and removes them from it. Nothing when all are right. */
export function WrongParts({ wrong }: { wrong: readonly WrongPart[] }) {
  const { go } = useAddress();
  if (wrong.length === 0) return null;
  return (
    <div className={styles["wrong"]} role="status">
      <p>
        <strong>Ignored in the address:</strong>{" "}
        {wrong.map(({ name, value, why }) => (
          <span key={name}>
            <code>{value === "" ? name : `${name}=${value}`}</code> {why}.{" "}
          </span>
        ))}
      </p>
      <button
        type="button"
        onClick={() =>
          go({}, Object.fromEntries(wrong.map(({ name, instead }) => [name, instead])), { replace: true })
        }
      >
        Remove {wrong.length === 1 ? "it" : "them"}
      </button>
    </div>
  );
}
