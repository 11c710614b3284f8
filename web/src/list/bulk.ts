// One act on many records: in parts, so that one sees how far it is and can stop it; what is
// refused is kept with its reason, and the rest goes on.

import type { ApiProblem, Command, ListQuery, Page, Results } from "@megalith/api";
import type { Selection } from "@megalith/ui/grid";
import type { Asked } from "./asked";
import { refusalOf } from "./editSend";

/** The commands of one commit: small enough that stopping does not take long. */
export const PART = 200;

export interface Refused {
  readonly id: string;
  readonly problem: ApiProblem;
}

export interface Progress {
  readonly done: number;
  readonly refused: readonly Refused[];
  /** The change sets that hold what was done, the last one last. */
  readonly changeSets: readonly string[];
}

export interface Outcome extends Progress {
  readonly isStopped: boolean;
  /** What ended it before its time. */
  readonly broke: unknown;
}

/** How the records of a selection are asked for. */
export interface Source {
  readonly list: (query: ListQuery, token: string, signal: AbortSignal) => Promise<Page>;
}

/**
 * The ids of what is chosen, part by part. All that match are asked for in the order of their ids,
 * so that changing them moves none of them past the place where one is.
 */
export async function* chosenIds(
  { all, keys }: Selection,
  asked: Asked,
  source: Source,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  if (!all) {
    const ids = [...keys];
    for (let at = 0; at < ids.length; at += PART) yield ids.slice(at, at + PART);
    return;
  }
  const query = { ...asked, order_by: "id", fields: ["id"], page_size: PART };
  let token = "";
  do {
    const page = await source.list(query, token, signal);
    const ids = page.items.map((one) => one.id).filter((id) => !keys.has(id));
    if (ids.length > 0) yield ids;
    token = page.next_page_token;
  } while (token !== "");
}

/** Does something with every record of the parts; the signal stops it between two of them. */
export async function runBulk(
  parts: AsyncIterable<readonly string[]>,
  commandOf: (id: string) => Command,
  send: (commands: readonly Command[]) => Promise<Results>,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Outcome> {
  let progress: Progress = { done: 0, refused: [], changeSets: [] };
  const ended = (broke: unknown): Outcome => {
    const isStopped = signal.aborted;
    return { ...progress, isStopped, broke: isStopped ? null : broke };
  };
  try {
    for await (const ids of parts) {
      if (signal.aborted) break;
      const { change_set, results } = await send(ids.map(commandOf));
      const refused = ids.flatMap((id, at): Refused[] => {
        const result = results[at];
        const isDone = result !== undefined && result.status < 300;
        return isDone ? [] : [{ id, problem: refusalOf(result?.problem) }];
      });
      const done = ids.length - refused.length;
      progress = {
        done: progress.done + done,
        refused: [...progress.refused, ...refused],
        changeSets:
          change_set && done > 0 ? [...progress.changeSets, change_set] : progress.changeSets,
      };
      onProgress(progress);
    }
    return ended(null);
  } catch (error) {
    return ended(error);
  }
}

/** The filter that finds what is chosen; null where it would be too long for one. */
export function filterOf({ all, keys }: Selection, asked: Asked): string | null {
  if (keys.size > MOST_IN_FILTER) return null;
  const ids = [...keys].map((id) => `'${id}'`).join(", ");
  if (!all) return `id in [${ids}]`;
  if (keys.size === 0) return asked.filter;
  const others = `!(id in [${ids}])`;
  return asked.filter ? `(${asked.filter}) && ${others}` : others;
}

/** The most ids that one filter names. */
export const MOST_IN_FILTER = 200;
