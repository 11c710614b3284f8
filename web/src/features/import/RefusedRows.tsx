// The rows that were refused and why, page after page, and as a file to mend.

import { Button, ErrorState, Skeleton } from "@megalith/ui";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import type { ReactNode } from "react";
import { inWords } from "../../app/refusals";
import { problemOf } from "../../app/server";
import styles from "./Import.module.css";
import { type Import, refusedFile, refusedPage } from "./server";
import { ti } from "./words";

const PAGE = 50;

export function RefusedRows({ one }: { one: Import }): ReactNode {
  const query = useInfiniteQuery({
    queryKey: ["import", one.id, "refused", one.finished_at],
    queryFn: ({ pageParam, signal }) => refusedPage(one.id, PAGE, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_page_token || undefined,
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={styles.part}>
      <div className={styles.partHead}>
        <div>
          <h2>{ti("refusedRows")}</h2>
          <p className={styles.soft}>{ti("refusedHint")}</p>
        </div>
        <a className={styles.download} href={refusedFile(one.id)} download>
          <Download aria-hidden="true" />
          {ti("download")}
        </a>
      </div>
      {query.isError && <ErrorState problem={problemOf(query.error)} />}
      {query.isPending && <Skeleton lines={4} height={20} />}
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
        <section className={styles.scroll} tabIndex={0} aria-label={ti("refusedRows")}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{ti("row")}</th>
                <th scope="col">{ti("column")}</th>
                <th scope="col">{ti("why")}</th>
                <th scope="col">{ti("cells")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a row of a file may stand twice
                <tr key={`${row.row} ${at}`}>
                  <th scope="row">{row.row}</th>
                  <td>
                    <bdi>{row.column ?? row.pointer?.slice(1) ?? "–"}</bdi>
                  </td>
                  <td>
                    {row.problems.map((problem) => (
                      <div className={styles.problem} key={`${problem.pointer} ${problem.message}`}>
                        <bdi>{inWords(problem)}</bdi>
                      </div>
                    ))}
                  </td>
                  <td className={styles.cells}>
                    {Object.entries(row.values).map(([name, text]) => (
                      <span key={name} data-at={name === row.column || undefined}>
                        <bdi>{text || "–"}</bdi>
                      </span>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {ti("more")}
        </Button>
      )}
    </div>
  );
}
