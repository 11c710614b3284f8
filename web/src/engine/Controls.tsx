// A control for each kind of field: what is typed is read and shown by the formats of the person's
// locale; what cannot be read stays as it was typed, and is then refused with a text that helps.

import {
  ADDRESS_PARTS,
  type Field,
  formatDate,
  formatDecimal,
  formatDuration,
  formatInteger,
  formatMoney,
  formatPercent,
  formatValue,
  parseAmount,
  parseDay,
  parseNumber,
  parsePercent,
  parseSpan,
  type Reader,
  type Schema,
} from "@megalith/meta";
import { Checkbox, FieldGroup, Select, TextArea, TextField } from "@megalith/ui";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { present } from "../app/present";
import { t, type Word } from "../app/words";
import { type Common, LinkControl, LinksControl } from "./LinkControls";

interface ControlProps {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
  /** What is wrong, at this field or inside it, by the rest of the pointer. */
  problems: readonly { at: string; text: string }[];
  schema: Schema;
  reader: Reader;
  /** The currency that an amount without one is in. */
  currency: string | null;
  /** Shown, but not to be changed. */
  readOnly?: boolean;
  /** What it will be if it is left empty, as the server foresees it. */
  foreseen?: unknown;
  /** Enter has taken a choice: the place to lead on from. */
  onTaken?: (() => void) | undefined;
  /** What is wrong with what was typed, found here. */
  onWrong?: ((text: string) => void) | undefined;
}

/** What is typed, read at each key; shown in the locale's own way once the field is left. */
function Typed({
  label,
  value,
  read,
  show,
  onChange,
  numeric = false,
  ...rest
}: {
  label: string;
  value: unknown;
  read: (text: string) => unknown;
  show: (value: unknown) => string;
  onChange: (value: unknown) => void;
  numeric?: boolean;
  hint?: string | undefined;
  error?: string | undefined;
  required?: boolean;
  placeholder?: string | undefined;
  readOnly?: boolean;
  end?: ReactNode;
}): ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  const own = useRef(value);
  useEffect(() => {
    if (value !== own.current) setTyped(null);
    own.current = value;
  }, [value]);
  const shown = value === null || value === undefined ? "" : show(value);
  return (
    <TextField
      {...rest}
      {...(numeric ? { inputMode: "decimal" as const, style: { textAlign: "end" } } : {})}
      label={label}
      autoComplete="off"
      value={typed ?? shown}
      onChange={(text) => {
        setTyped(text);
        const next = text.trim() === "" ? null : (read(text) ?? text);
        own.current = next;
        onChange(next);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

const asText = (value: unknown) => (typeof value === "string" ? value : "");

const PART_WORDS: Readonly<Record<(typeof ADDRESS_PARTS)[number], Word>> = {
  street: "street",
  city: "city",
  region: "region",
  postal_code: "postalCode",
  country: "country",
};

export function Control({
  field,
  value,
  onChange,
  problems,
  schema,
  reader,
  currency,
  readOnly = false,
  foreseen,
  onTaken,
  onWrong,
}: ControlProps): ReactNode {
  const error = problems[0]?.text;
  const common = {
    label: field.label,
    required: field.required,
    error,
    hint: undefined as string | undefined,
    readOnly,
  };
  const coming = foreseen == null ? "" : shownAs(field, foreseen, reader);
  const texts = { ...common, placeholder: coming || field.placeholder };
  const plain = (type: string) => (
    <TextField
      {...texts}
      type={type}
      autoComplete="off"
      value={asText(value)}
      onChange={(text) => onChange(text === "" ? null : text)}
    />
  );
  switch (field.kind) {
    case "long_text":
    case "expression":
      return (
        <TextArea
          {...texts}
          value={asText(value)}
          onChange={(text) => onChange(text === "" ? null : text)}
        />
      );
    case "email":
      return plain("email");
    case "phone":
      return plain("tel");
    case "url":
      return plain("url");
    case "integer":
      return (
        <Typed
          {...texts}
          numeric
          value={value}
          read={(text) => {
            const number = parseNumber(text, reader);
            return number !== null && Number.isSafeInteger(Number(number)) ? Number(number) : null;
          }}
          show={(now) => (typeof now === "number" ? formatInteger(now, reader) : String(now))}
          onChange={onChange}
        />
      );
    case "decimal":
    case "price":
    case "quantity":
      return (
        <Typed
          {...texts}
          numeric
          value={value}
          read={(text) => parseNumber(text, reader)}
          show={(now) => formatDecimal(asText(now), reader, field.kind === "price" ? 2 : 0)}
          onChange={onChange}
        />
      );
    case "percent":
      return (
        <Typed
          {...texts}
          numeric
          value={value}
          read={(text) => parsePercent(text, reader)}
          show={(now) => formatPercent(asText(now), reader)}
          onChange={onChange}
        />
      );
    case "money":
      return (
        <Typed
          {...texts}
          numeric
          placeholder={texts.placeholder ?? currency ?? t("amountWithCurrency")}
          value={value}
          read={(text) => parseAmount(text, currency, reader)}
          show={(now) => {
            if (typeof now === "string") return now;
            const money = now as { amount?: string; currency?: string };
            return formatMoney(money.amount ?? "", money.currency ?? "", reader);
          }}
          onChange={onChange}
        />
      );
    case "date":
      return <DayControl {...{ texts, value, onChange, reader }} />;
    case "instant":
      return (
        <TextField
          {...common}
          type="datetime-local"
          value={localOf(value)}
          onChange={(text) => onChange(text === "" ? null : new Date(text).toISOString())}
        />
      );
    case "duration":
      return (
        <Typed
          {...texts}
          value={value}
          read={(text) => parseSpan(text, reader)}
          show={(now) => formatDuration(asText(now), reader)}
          onChange={onChange}
        />
      );
    case "boolean":
      return (
        <div style={{ display: "flex", alignItems: "end", minHeight: "var(--control)" }}>
          <Checkbox
            label={field.label}
            checked={value === true}
            disabled={readOnly}
            onChange={onChange}
          />
        </div>
      );
    case "choice":
    case "state":
      return (
        <Select
          label={field.label}
          required={field.required}
          error={error}
          disabled={readOnly}
          value={asText(value)}
          options={[
            ...(field.required && value ? [] : [{ value: "", label: t("notChosen") }]),
            ...field.choices.map((choice) => ({ value: choice.name, label: choice.label })),
          ]}
          onChange={(name) => onChange(name === "" ? null : name)}
        />
      );
    case "link":
      return (
        <LinkControl
          {...{ field, common, value, onChange, schema, onTaken, onWrong }}
          placeholder={coming || undefined}
        />
      );
    case "links":
      return <LinksControl {...{ field, common, value, onChange, schema }} />;
    case "address": {
      const parts = (value ?? {}) as Readonly<Record<string, string | null>>;
      return (
        <div style={{ gridColumn: "1 / -1" }}>
          <FieldGroup title={field.label}>
            {ADDRESS_PARTS.map((part) => (
              <TextField
                key={part}
                label={t(PART_WORDS[part])}
                autoComplete="off"
                readOnly={readOnly}
                error={problems.find((one) => one.at === `/${part}` || one.at === "")?.text}
                value={parts[part] ?? ""}
                onChange={(text) => {
                  const written = part === "country" ? text.toUpperCase() : text;
                  const next = { ...parts, [part]: written === "" ? null : written };
                  onChange(Object.values(next).some(Boolean) ? next : null);
                }}
              />
            ))}
          </FieldGroup>
        </div>
      );
    }
    case "colour":
      return (
        <TextField
          {...texts}
          value={asText(value)}
          onChange={(text) => onChange(text === "" ? null : text)}
          end={
            <input
              type="color"
              aria-label={field.label}
              value={/^#[0-9a-f]{6}$/i.test(asText(value)) ? asText(value) : "#808080"}
              onChange={(event) => onChange(event.target.value)}
            />
          }
        />
      );
    case "json":
    case "custom":
      return <JsonControl {...{ common, value, onChange }} />;
    case "texts":
      return <TextsControl {...{ common, value, onChange }} />;
    default:
      return plain("text");
  }
}

/** A value as it stands in its field. */
function shownAs(field: Field, value: unknown, reader: Reader): string {
  return typeof value === "boolean" ? "" : formatValue(field, value, reader);
}

/** An instant as the browser's own field wants it, in the zone of the browser. */
function localOf(value: unknown): string {
  const at = new Date(asText(value));
  if (Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const today = () => localOf(present().toISOString()).slice(0, 10);

/** A day in any way that people write one; on a phone the device's own picker. */
function DayControl({
  texts,
  value,
  onChange,
  reader,
}: {
  texts: Common;
  value: unknown;
  onChange: (value: unknown) => void;
  reader: Reader;
}): ReactNode {
  if (matchMedia("(pointer: coarse)").matches) {
    return (
      <TextField
        {...texts}
        type="date"
        value={asText(value)}
        onChange={(text) => onChange(text === "" ? null : text)}
      />
    );
  }
  return (
    <Typed
      {...texts}
      placeholder={formatDate(today(), reader)}
      value={value}
      read={(text) => parseDay(text, today(), reader)}
      show={(now) => formatDate(asText(now), reader)}
      onChange={onChange}
    />
  );
}

interface TextsProps {
  common: Common;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** JSON as text; while it cannot be read, the last value that could be stays. */
function JsonControl({ common, value, onChange }: TextsProps): ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  return (
    <TextArea
      {...common}
      error={wrong ? t("fault.invalid_json") : common.error}
      spellCheck={false}
      dir="ltr"
      value={typed ?? (value == null ? "" : JSON.stringify(value, null, 2))}
      onChange={(text) => {
        setTyped(text);
        try {
          onChange(text.trim() === "" ? null : JSON.parse(text));
          setWrong(false);
        } catch {
          setWrong(true);
        }
      }}
      onBlur={() => {
        if (!wrong) setTyped(null);
      }}
    />
  );
}

/** Named texts, one to a line: `name: text`. */
function TextsControl({ common, value, onChange }: TextsProps): ReactNode {
  const shown = Object.entries((value ?? {}) as Record<string, string>)
    .map(([name, text]) => `${name}: ${text}`)
    .join("\n");
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextArea
      {...common}
      value={typed ?? shown}
      onChange={(text) => {
        setTyped(text);
        const pairs = text.split("\n").flatMap((line) => {
          const at = line.indexOf(":");
          return at < 1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
        });
        onChange(pairs.length > 0 ? Object.fromEntries(pairs) : null);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
