// The third step: where each field comes from. What the server proposes is filled in; what a person
// changes stands in the address.

import { ApiProblem } from "@megalith/api";
import type { ADDRESS_PARTS, Entity, Field, Schema } from "@megalith/meta";
import { BareFields, Button, Callout, Select, TextField } from "@megalith/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Fragment, type ReactNode, useState } from "react";
import { useCompanies } from "../../app/context";
import { inWords } from "../../app/refusals";
import { t, type Word } from "../../app/words";
import styles from "./Import.module.css";
import { planNow, specsNow, useProposal } from "./plan";
import { type Import, type Plan, previewQuery, type Table } from "./server";
import {
  from,
  isExpression,
  matchesOf,
  memberOf,
  originOf,
  read,
  type Spec,
  type Target,
  targetsOf,
  unusedOf,
} from "./spec";
import { changesOf, type Go, useStand } from "./state";
import { ti } from "./words";

const PARTS: Readonly<Record<(typeof ADDRESS_PARTS)[number], Word>> = {
  street: "street",
  city: "city",
  region: "region",
  postal_code: "postalCode",
  country: "country",
};
const partWord = (part: string) => t(PARTS[part as keyof typeof PARTS]);

const EXPRESSION = "=";
const column = (name: string) => `:${name}`;

export function Mapping({
  schema,
  entity,
  table,
  one,
  plan: base,
  go,
}: {
  schema: Schema;
  entity: Entity;
  table: Table;
  one: Import;
  plan: Plan;
  go: Go;
}): ReactNode {
  const { stand } = useStand();
  const client = useQueryClient();
  const proposal = useProposal(one.id, base);
  const specs = specsNow(proposal, stand);
  const changes = changesOf(stand.fields);
  const columns = table.columns.map(({ name }) => name);
  const targets = targetsOf(entity, partWord);
  const known = new Set(proposal.fields.map(({ field }) => field));
  const required = targets.filter((target) => target.required);
  const proposed = targets.filter((target) => !target.required && known.has(target.name));
  const others = targets.filter((target) => !target.required && !known.has(target.name));
  const key = stand.key || proposal.key || "";
  const texts = [key, ...Object.values(specs).map(originOf)].filter(Boolean);
  const unused = unusedOf(columns, texts);

  const preview = useMutation({
    mutationFn: () => {
      const query = previewQuery(one.id, planNow(base, proposal, stand));
      return client.fetchQuery({ ...query, staleTime: 0 });
    },
    onSuccess: () => go({ step: "preview" }),
  });
  const change = (name: string, spec: Spec | null) => {
    preview.reset();
    go({ fields: JSON.stringify({ ...changes, [name]: spec }) }, true);
  };
  const { places, rest } = faults(preview.error, targets);
  const rowOf = (target: Target) => (
    <FieldRow
      key={target.name}
      {...{ target, schema, table, columns }}
      spec={specs[target.name] ?? null}
      error={places.get(target.name)}
      onChange={(spec) => change(target.name, spec)}
    />
  );
  const count = Object.keys(changes).length;
  return (
    <form
      className={styles.part}
      onSubmit={(event) => {
        event.preventDefault();
        preview.mutate();
      }}
    >
      <p className={styles.soft}>
        {ti("mapIntro")} <bdi>{one.filename}</bdi>
      </p>
      <KeyRow
        value={key}
        columns={columns}
        onChange={(next) => {
          preview.reset();
          go({ key: next === proposal.key ? "" : next }, true);
        }}
      />
      <BareFields>
        <div className={styles.heads} aria-hidden="true">
          <span>{ti("fieldHead")}</span>
          <span>{ti("fromHead")}</span>
          <span>{ti("readHead")}</span>
          <span>{ti("sampleHead")}</span>
        </div>
        {required.length > 0 && <h2 className={styles.group}>{ti("required")}</h2>}
        {required.map(rowOf)}
        {proposed.length > 0 && <h2 className={styles.group}>{ti("proposed")}</h2>}
        {proposed.map(rowOf)}
        {others.length > 0 && (
          <details
            className={styles.more}
            open={others.some((target) => specs[target.name]) || undefined}
          >
            <summary>{ti("others", { count: others.length })}</summary>
            {others.map(rowOf)}
          </details>
        )}
      </BareFields>
      {unused.length > 0 && (
        <p className={styles.unused}>
          {ti("unused")}:{" "}
          {unused.map((name, at) => (
            <Fragment key={name}>
              {at > 0 && ", "}
              <bdi>{name}</bdi>
            </Fragment>
          ))}
        </p>
      )}
      {preview.error && (
        <Callout tone="bad" title={ti("mapWrong")}>
          {rest.length > 0 ? (
            <ul>
              {rest.map((text) => (
                <li key={text}>
                  <bdi>{text}</bdi>
                </li>
              ))}
            </ul>
          ) : (
            [...places].map(([name, text]) => (
              <div key={name}>
                <bdi>
                  {targets.find((target) => target.name === name)?.label}: {text}
                </bdi>
              </div>
            ))
          )}
        </Callout>
      )}
      <div className={styles.acts}>
        <Button onClick={() => go({ step: "table" })}>{ti("before")}</Button>
        {(count > 0 || stand.key) && (
          <Button look="ghost" onClick={() => go({ fields: "", key: "" }, true)}>
            {ti("resetMap")}
          </Button>
        )}
        {count > 0 && <span className={styles.soft}>{ti("changedByHand", { count })}</span>}
        <Button look="main" type="submit" busy={preview.isPending}>
          {ti("next")}
        </Button>
      </div>
    </form>
  );
}

/** What is wrong, by field where the server's words begin with one. */
function faults(
  error: unknown,
  targets: readonly Target[],
): { places: Map<string, string>; rest: string[] } {
  const places = new Map<string, string>();
  const rest: string[] = [];
  if (!error) return { places, rest };
  const problem = error instanceof ApiProblem ? error : null;
  for (const { message } of problem?.errors ?? []) {
    const target = targets.find(({ name, field }) =>
      [name, field.name].some((known) =>
        new RegExp(`^(fields\\.)?${known}(:|\\.| )`).test(message),
      ),
    );
    const text = message.replace(/^(fields\.)?[\w.]+:\s*/, "");
    if (target) places.set(target.name, text);
    else rest.push(message);
  }
  if (places.size + rest.length === 0) rest.push(problem ? inWords(problem) : String(error));
  return { places, rest };
}

function KeyRow({
  value,
  columns,
  onChange,
}: {
  value: string;
  columns: readonly string[];
  onChange: (value: string) => void;
}): ReactNode {
  const [isTyped, setTyped] = useState(value !== "" && !columns.includes(value));
  return (
    <div className={styles.narrow}>
      <Select
        label={ti("key")}
        hint={ti("keyHint")}
        required
        value={isTyped ? EXPRESSION : column(value)}
        onChange={(next) => {
          setTyped(next === EXPRESSION);
          if (next !== EXPRESSION) onChange(next.slice(1));
        }}
        options={[
          ...columns.map((name) => ({ value: column(name), label: name })),
          { value: EXPRESSION, label: ti("expression") },
        ]}
      />
      {isTyped && (
        <Typed
          label={ti("expressionOf", { name: ti("key") })}
          value={columns.includes(value) ? "" : value}
          onChange={onChange}
        />
      )}
    </div>
  );
}

/** An expression, kept once the person has finished typing. */
function Typed({
  label,
  value,
  error,
  onChange,
}: {
  label: string;
  value: string;
  error?: string | undefined;
  onChange: (value: string) => void;
}): ReactNode {
  const [text, setText] = useState(value);
  const keep = () => text.trim() !== value && onChange(text.trim());
  return (
    <TextField
      label={label}
      placeholder={ti("expressionHint")}
      dir="ltr"
      spellCheck={false}
      value={text}
      error={error}
      onChange={setText}
      onBlur={keep}
      onKeyDown={(event) => event.key === "Enter" && keep()}
    />
  );
}

const DATES = [
  ["", "format.iso"],
  ["%d.%m.%Y", "format.dmy"],
  ["%m/%d/%Y", "format.mdy"],
  ["%d/%m/%Y", "format.dmySlash"],
  ["%Y/%m/%d", "format.ymdSlash"],
  ["%Y%m%d", "format.plain"],
] as const;
const isDecimal = (field: Field) =>
  ["decimal", "percent", "price", "quantity", "money"].includes(field.kind);

function FieldRow({
  target,
  schema,
  table,
  columns,
  spec,
  error,
  onChange,
}: {
  target: Target;
  schema: Schema;
  table: Table;
  columns: readonly string[];
  spec: Spec | null;
  error: string | undefined;
  onChange: (spec: Spec | null) => void;
}): ReactNode {
  const { label, field, required } = target;
  const currency = useCompanies()[0]?.currency ?? "";
  const [isOpen, setOpen] = useState(false);
  const isTyped = isOpen || isExpression(spec, columns);
  const origin = originOf(spec);
  const samples = table.columns.find(({ name }) => name === origin)?.samples ?? [];
  const missing = required && !spec ? ti("notFilled") : undefined;
  return (
    <div className={styles.row} data-field={target.name}>
      <div className={styles.name}>
        <bdi>{label}</bdi>
        {required && <span aria-hidden="true"> *</span>}
      </div>
      <div className={styles.source}>
        <Select
          label={ti("fromOf", { name: label })}
          required={required}
          error={isTyped ? undefined : (error ?? missing)}
          value={isTyped ? EXPRESSION : origin ? column(origin) : ""}
          onChange={(next) => {
            setOpen(next === EXPRESSION);
            if (next !== EXPRESSION) onChange(from(field, spec, next.slice(1), true, currency));
          }}
          options={[
            { value: "", label: ti("nothing") },
            ...columns.map((name) => ({ value: column(name), label: name })),
            { value: EXPRESSION, label: ti("expression") },
          ]}
        />
        {isTyped && (
          <Typed
            label={ti("expressionOf", { name: label })}
            value={columns.includes(origin) ? "" : origin}
            error={error}
            onChange={(text) => onChange(text ? from(field, spec, text, false, currency) : null)}
          />
        )}
      </div>
      <div className={styles.reading}>
        {spec && <Reading {...{ field, label, spec, schema, columns, onChange }} />}
      </div>
      <div className={styles.samples}>
        {samples.slice(0, 3).map((text, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the samples stay as they are
          <bdi key={at}>{text}</bdi>
        ))}
      </div>
    </div>
  );
}

/** How the cells of a field are read, where there is a choice. */
function Reading({
  field,
  label,
  spec,
  schema,
  columns,
  onChange,
}: {
  field: Field;
  label: string;
  spec: Spec;
  schema: Schema;
  columns: readonly string[];
  onChange: (spec: Spec) => void;
}): ReactNode {
  const set = (name: string) => (value: string) =>
    onChange(read(field, spec, name, value, columns));
  const matches = matchesOf(schema, field);
  const format = memberOf(spec, "format");
  return (
    <>
      {(field.kind === "date" || field.kind === "instant") && (
        <Select
          label={ti("formatOf", { name: label })}
          value={format}
          onChange={set("format")}
          options={[
            ...DATES.map(([value, word]) => ({ value, label: ti(word) })),
            ...(DATES.some(([value]) => value === format)
              ? []
              : [{ value: format, label: format }]),
          ]}
        />
      )}
      {isDecimal(field) && (
        <Select
          label={ti("decimalOf", { name: label })}
          value={memberOf(spec, "decimal")}
          onChange={set("decimal")}
          options={[
            { value: "", label: ti("decimalPoint") },
            { value: ",", label: ti("decimalComma") },
          ]}
        />
      )}
      {field.kind === "money" && (
        <TextField
          label={ti("currencyOf", { name: label })}
          value={memberOf(spec, "currency")}
          onChange={set("currency")}
        />
      )}
      {(field.kind === "link" || field.kind === "links") && (
        <Select
          label={ti("matchOf", { name: label })}
          value={memberOf(spec, "match")}
          onChange={set("match")}
          options={[
            { value: "", label: ti("byKey") },
            ...matches.map((one) => ({
              value: one.name,
              label: ti("byField", { name: one.label }),
            })),
          ]}
        />
      )}
    </>
  );
}
