// The mark: a ring of standing stones seen from the way in, the far ones smaller, and the gate
// with its lintel at the back.

import type { ReactNode } from "react";

/** Stones of the ring: foot and width, each with the slight lean of something set by hand. */
const stones = [
  "M10 15.6q1.8-1.4 3.7 0l.2 8.9q-2.2 1-4.4 0z",
  "M34.4 15.6q1.8-1.4 3.7 0l.6 8.9q-2.2 1-4.4 0z",
  "M2.6 22.6q2.3-1.4 4.5 0l.1 11.4q-2.7 1-5.4 0z",
  "M40.8 22.6q2.3-1.4 4.5 0l.7 11.4q-2.7 1-5.4 0z",
  "M12.1 31.4q2.7-1.4 5.4 0l.3 12.6q-3.2 1-6.4 0z",
  "M30.5 31.4q2.7-1.4 5.4 0l.7 12.6q-3.2 1-6.4 0z",
];
const gate = [
  "M14.6 3.4q9.4-1.6 18.8 0l-.6 4.8q-8.8-1.1-17.6 0z",
  "M16.4 9.7h5.3l.6 18.1q-3.4.9-6.9 0z",
  "M26.3 9.7h5.3l1 18.1q-3.5.9-6.9 0z",
];

export function Mark({
  size = 24,
  quiet = false,
  fallen = false,
}: {
  size?: number;
  /** Without colour: behind words. */
  quiet?: boolean;
  /** The lintel has come down: something is wrong. */
  fallen?: boolean;
}): ReactNode {
  const grey = quiet || fallen;
  return (
    <svg width={size} height={size} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <g fill={grey ? "var(--edge)" : "var(--accent)"} opacity={grey ? 0.75 : 1}>
        {gate.map((path, at) => (
          <path
            key={path}
            d={path}
            fill={fallen && at === 0 ? "var(--bad)" : undefined}
            transform={fallen && at === 0 ? "translate(3 24) rotate(-19 24 6)" : undefined}
          />
        ))}
      </g>
      <g fill={grey ? "var(--edge)" : "var(--stone)"} opacity={grey ? 0.5 : 1}>
        {stones.map((path) => (
          <path key={path} d={path} />
        ))}
      </g>
    </svg>
  );
}
