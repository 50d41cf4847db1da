import { SlidersHorizontal } from "lucide-react";
import { useId, useState } from "react";
import type { Address } from "../address/address.ts";
import { useAddress } from "../address/use-address.ts";
import { useSite } from "../api/site.tsx";
import { BOTS_LABELS } from "./narrowing.ts";
import styles from "./period-bar.module.css";
import { Popover } from "./popover.tsx";

/** What is changed seldom: the time zone, and whether views of bots count. */
export function MoreMenu({ hasBots }: { hasBots: boolean }) {
  return (
    <Popover
      name="More about what is shown"
      width={320}
      button={
        <>
          <SlidersHorizontal size={15} aria-hidden />
          More
        </>
      }
    >
      {() => (
        <div className={styles["more"]}>
          <ZoneChoice />
          {hasBots && <BotsChoice />}
        </div>
      )}
    </Popover>
  );
}

function ZoneChoice() {
  const { address, go } = useAddress();
  const { reportingTimeZone } = useSite();
  const [text, setText] = useState("");
  const id = useId();
  const wanted = text.trim().toLowerCase().replaceAll(" ", "_");
  const zones = ["UTC", ...Intl.supportedValuesOf("timeZone")].filter(
    (zone, at, all) =>
      zone !== reportingTimeZone && all.indexOf(zone) === at && zone.toLowerCase().includes(wanted),
  );
  return (
    <fieldset>
      <legend>Time zone of the days</legend>
      <input
        type="search"
        aria-label="Filter the time zones"
        aria-controls={id}
        placeholder="Filter, such as Berlin"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <select
        id={id}
        aria-label="Time zone"
        size={7}
        value={address.tz ?? ""}
        onChange={(event) => go({ tz: event.target.value || undefined })}
      >
        <option value="">{reportingTimeZone} (reporting time zone)</option>
        {zones.map((zone) => (
          <option key={zone} value={zone}>
            {zone.replaceAll("_", " ")}
          </option>
        ))}
      </select>
    </fieldset>
  );
}

function BotsChoice() {
  const { address, go } = useAddress();
  return (
    <fieldset>
      <legend>Views of bots and suspects</legend>
      <div className={styles["radios"]}>
        {(Object.keys(BOTS_LABELS) as Address["bots"][]).map((bots) => (
          <label key={bots}>
            <input type="radio" name="bots" checked={address.bots === bots} onChange={() => go({ bots })} />
            {BOTS_LABELS[bots]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
