import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

/** Milliseconds for which the button says that it has copied. */
const SAID_MS = 2_500;

/** Copies a text. Browsers allow that on HTTPS and on loopback alone; elsewhere it says to select the text. */
export function CopyButton({
  text,
  label = "Copy",
  onCopied,
}: {
  text: string;
  label?: string;
  onCopied?: () => void;
}) {
  const [result, setResult] = useState<"copied" | "refused">();
  useEffect(() => {
    if (result === undefined) return;
    const timer = setTimeout(() => setResult(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [result]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setResult("copied");
      onCopied?.();
    } catch {
      setResult("refused");
    }
  }

  return (
    <button type="button" className="with-icon" onClick={() => void copy()}>
      {result === "copied" ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
      <span role="status">
        {result === "copied" ? "Copied" : result === "refused" ? "Select it, then copy" : label}
      </span>
    </button>
  );
}
