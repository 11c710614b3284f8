// The present, by the server's clock where the device's is wrong: a day that is filled in, "today" in
// a calendar and "two hours ago" are right even where somebody's clock is years off.

/** A difference up to this is the network's delay, and the seconds that a date is rounded to. */
const BEARABLE_MS = 60_000;

let ahead = 0;

/** Takes note of the date of an answer to what was sent and received at times of this device. */
export function hearDate(date: string | null, sent: number, received: number): void {
  const said = Date.parse(date ?? "");
  // An answer that took long says little, and one that came before it was asked for nothing.
  const took = received - sent;
  if (Number.isNaN(said) || took < 0 || took > BEARABLE_MS) return;
  const offset = said - (sent + received) / 2;
  ahead = Math.abs(offset) > BEARABLE_MS ? offset : 0;
}

/** Milliseconds since 1970. */
export const presentMs = (): number => Date.now() + ahead;

export const present = (): Date => new Date(presentMs());
