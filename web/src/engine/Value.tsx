// A field's value as it is read: a link leads on, an address stands in its lines, a colour is seen.

import { addressLines, type Field, type Reader, type Schema, titleOf } from "@megalith/meta";
import { StatusDot } from "@megalith/ui";
import type { ReactNode } from "react";
import { listPath } from "../app/catalog";
import { isSystem, type Row, textOf, toneOf } from "../app/reader";
import styles from "./Record.module.css";

export function Value({
  field,
  row,
  reader,
  schema,
  titles = {},
}: {
  field: Field;
  row: Row;
  reader: Reader;
  schema: Schema;
  titles?: Readonly<Record<string, string>>;
}): ReactNode {
  const value = row[field.name];
  const text = textOf(field, row, reader);
  switch (field.kind) {
    case "state":
      return <StatusDot tone={toneOf(field, String(value))}>{text}</StatusDot>;
    case "link": {
      const target = schema.target(field);
      const id = typeof value === "string" ? value : (value as { id?: string } | null)?.id;
      const title = (id && titles[id]) || text;
      // The system is nobody whose page could be opened.
      return target?.path && id && !isSystem(id) ? (
        <a className={styles.link} href={`${listPath(target)}/${id}`}>
          <bdi>{title}</bdi>
        </a>
      ) : (
        <bdi>{title}</bdi>
      );
    }
    case "links":
      return <bdi>{(Array.isArray(value) ? value : []).map((one) => titleOf(one)).join(", ")}</bdi>;
    case "email":
      return (
        <a className={styles.link} href={`mailto:${text}`}>
          <bdi>{text}</bdi>
        </a>
      );
    case "phone":
      return (
        <a className={styles.link} href={`tel:${text.replace(/[^\d+]/g, "")}`}>
          <bdi dir="ltr">{text}</bdi>
        </a>
      );
    case "url":
      return /^https?:\/\//i.test(text) ? (
        <a className={styles.link} href={text} target="_blank" rel="noreferrer noopener">
          <bdi>{text}</bdi>
        </a>
      ) : (
        <bdi>{text}</bdi>
      );
    case "address":
      return addressLines(value, reader).map((line) => (
        <bdi className={styles.block} key={line}>
          {line}
        </bdi>
      ));
    case "colour":
      return (
        <span className={styles.colour}>
          <svg width="14" height="14" aria-hidden="true">
            <rect width="14" height="14" rx="3" fill={text} />
          </svg>
          {text}
        </span>
      );
    case "long_text":
      return (
        <bdi className={styles.long} dir="auto">
          {text}
        </bdi>
      );
    case "texts":
    case "json":
      return <code className={styles.long}>{JSON.stringify(value, null, 1)}</code>;
    default:
      return <bdi>{text}</bdi>;
  }
}
