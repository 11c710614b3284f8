// The first step: a file is dropped or chosen, and goes to the server.

import { ApiProblem } from "@megalith/api";
import { Button, Callout, classes, Progress } from "@megalith/ui";
import { useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useReader } from "../../app/reader";
import { sizeText } from "../../list/export";
import styles from "./Import.module.css";
import { importQuery, tablesQuery, upload } from "./server";
import type { Go } from "./state";
import { ti } from "./words";

const KINDS = ".csv,.tsv,.tab,.txt,.xlsx,.jsonl,.ndjson";

export function File({ entity, go }: { entity: string; go: Go }): ReactNode {
  const { locale } = useReader();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const stop = useRef(new AbortController());
  const [isOver, setOver] = useState(false);
  const [sending, setSending] = useState<{ file: globalThis.File; part: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => () => stop.current.abort(), []);

  const send = async (file: globalThis.File | undefined) => {
    if (!file || sending) return;
    stop.current = new AbortController();
    const { signal } = stop.current;
    setError(null);
    setSending({ file, part: 0 });
    try {
      const { tables, ...one } = await upload(file, signal, (part) => setSending({ file, part }));
      client.setQueryData(importQuery(one.id).queryKey, one);
      client.setQueryData(tablesQuery(one.id).queryKey, tables);
      const isPlain = entity !== "" && tables.length === 1;
      go({ import: one.id, step: isPlain ? "map" : "table" });
    } catch (fault) {
      if (!signal.aborted) setError(fault);
    } finally {
      if (input.current) input.current.value = "";
      setSending(null);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send(event.dataTransfer.files[0]);
  };

  return (
    <section className={styles.part}>
      {error !== null && <Refusal error={error} />}
      {sending ? (
        <div className={styles.card}>
          <Progress
            label={ti("uploading", { name: sending.file.name })}
            value={sending.part}
            text={
              sending.part >= 1
                ? ti("uploaded")
                : `${sizeText(sending.part * sending.file.size, locale)} / ${sizeText(sending.file.size, locale)}`
            }
          />
          <div className={styles.acts}>
            <Button onClick={() => stop.current.abort()}>{ti("stopUpload")}</Button>
          </div>
        </div>
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: a target for the mouse; the button does the same
        <div
          className={classes(styles.drop, isOver && styles.over)}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <FileUp aria-hidden="true" />
          <p className={styles.big}>{ti(isOver ? "dropNow" : "drop")}</p>
          <Button look="main" onClick={() => input.current?.click()}>
            {ti("choose")}
          </Button>
          <p className={styles.soft}>{ti("kinds")}</p>
          <input
            ref={input}
            type="file"
            hidden
            accept={KINDS}
            aria-label={ti("choose")}
            onChange={(event) => void send(event.target.files?.[0])}
          />
        </div>
      )}
    </section>
  );
}

/** Why a file was not taken. */
function Refusal({ error }: { error: unknown }): ReactNode {
  const { status, code, message } =
    error instanceof ApiProblem ? error : new ApiProblem({ detail: String(error) });
  if (status === 413) {
    return (
      <Callout tone="bad" title={ti("tooLarge")}>
        {message}
      </Callout>
    );
  }
  if (code === "empty_file") return <Callout tone="bad" title={ti("emptyFile")} />;
  if (status === 415 || code === "unreadable_file") {
    return (
      <Callout tone="bad" title={ti("wrongKind")}>
        <p>{message}</p>
        <p>{ti("wrongKindText")}</p>
      </Callout>
    );
  }
  return (
    <Callout tone="bad" title={ti("broken")}>
      {status === 0 ? ti("brokenText") : message}
    </Callout>
  );
}
