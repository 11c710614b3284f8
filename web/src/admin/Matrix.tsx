// What roles may do and why: a row for each kind of record, a cell for each verb. A cell that is
// chosen says which rule decides, on which records and on which fields.

import type { ApiRecord } from "@megalith/api";
import type { Entity, Schema } from "@megalith/meta";
import { BareFields, Hidden, Select, Skeleton } from "@megalith/ui";
import { useQueries } from "@tanstack/react-query";
import { Check, Contrast, Minus } from "lucide-react";
import type { ReactNode } from "react";
import { ownPlaces } from "../app/catalog";
import { api } from "../app/server";
import styles from "./Admin.module.css";
import { type Answer, extentOf, VERBS, verbsOf } from "./extent";
import { useAdminSearch } from "./search";
import { ta } from "./words";

const STALE_MS = 60_000;

/** Asks which rule decides, for roles. */
const ask = (entity: Entity, verb: string, roles: readonly string[]) => ({
  queryKey: ["explain", entity.name, verb, roles.join(",")],
  staleTime: STALE_MS,
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Answer> => {
    const query = new URLSearchParams({ verb, role: roles.join(",") });
    const found = await api.records.read<{
      extent: Answer["extent"];
      by: string | null;
      condition?: string;
      hidden?: string[];
      read_only?: string[];
    }>(`${entity.path}:explain?${query}`, signal);
    return {
      extent: found.extent,
      by: found.by,
      condition: found.condition ?? null,
      hidden: found.hidden ?? [],
      readOnly: found.read_only ?? [],
    };
  },
});

export function Matrix({
  schema,
  who,
  roles,
  grants,
}: {
  schema: Schema;
  /** Who has the roles, or the role itself. */
  who: string;
  roles: readonly string[];
  grants: readonly ApiRecord[];
}): ReactNode {
  const [search, choose] = useAdminSearch();
  // Entities of the installation are its administrators' alone, whatever the roles here.
  const entities = schema.entities.filter(
    (one) => one.path && one.scope === "org" && !ownPlaces.has(one.name),
  );
  const services = schema.services.filter((one) => entities.some((e) => e.service === one.name));
  const usual = services.find((one) => one.name === "operations") ?? services[0];
  const service = services.find((one) => one.name === search.service) ?? usual;
  const shown = entities.filter((one) => one.service === service?.name);
  const cells = shown.flatMap((entity) => verbsOf(entity).map((verb) => ({ entity, verb })));
  const answers = useQueries({
    queries: roles.length > 0 ? cells.map(({ entity, verb }) => ask(entity, verb, roles)) : [],
  });
  const answerOf = (entity: Entity, verb: string): Answer | undefined => {
    const at = cells.findIndex((one) => one.entity === entity && one.verb === verb);
    return answers[at]?.data;
  };
  const grantOf = (answer: Answer | undefined) => grants.find(({ id }) => id === answer?.by);
  const chosen = shown.find((one) => one.name === search.entity);
  const chosenVerb = chosen && verbsOf(chosen).find((verb) => verb === search.verb);
  const answer = chosen && chosenVerb ? answerOf(chosen, chosenVerb) : undefined;
  const labelOf = (entity: Entity, verb: string) =>
    entity.acts.find((act) => act.name === verb)?.label ?? ta(`verb.${verb}` as "verb.read");
  const cell = (entity: Entity, verb: string, named: boolean) => {
    const found = answerOf(entity, verb);
    const extent = found && extentOf(found);
    const isChosen = chosen === entity && chosenVerb === verb;
    const label = labelOf(entity, verb);
    const says = extent ? ta(`extent.${extent}`) : "";
    return (
      <button
        key={verb}
        type="button"
        className={styles.cell}
        aria-pressed={isChosen}
        title={`${entity.label_plural}, ${label}: ${says}`}
        onClick={() =>
          choose(isChosen ? { entity: undefined, verb: undefined } : { entity: entity.name, verb })
        }
      >
        <Hidden>
          {entity.label_plural}, {!named && label}{" "}
        </Hidden>
        {extent === "all" && <Check className={styles.yes} aria-hidden="true" />}
        {extent === "some" && <Contrast className={styles.some} aria-hidden="true" />}
        {extent === "none" && <Minus className={styles.not} aria-hidden="true" />}
        {named && <span>{label}</span>}
        <Hidden>: {says}</Hidden>
      </button>
    );
  };
  return (
    <section className={styles.part} aria-labelledby="admin-matrix">
      <div className={styles.partHead}>
        <h2 id="admin-matrix">{ta("mayDo", { name: who })}</h2>
        <BareFields>
          <Select
            label={ta("area")}
            value={service?.name ?? ""}
            onChange={(next) => choose({ service: next, entity: undefined, verb: undefined })}
            options={services.map(({ name, label }) => ({ value: name, label }))}
          />
        </BareFields>
      </div>
      {roles.length === 0 ? (
        <p className={styles.quiet}>{ta("noRoles")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
        <section className={styles.scroll} tabIndex={0} aria-label={ta("rights")}>
          <table className={`${styles.table} ${styles.matrix}`}>
            <thead>
              <tr>
                <th scope="col">{ta("records")}</th>
                {VERBS.map((verb) => (
                  <th key={verb} scope="col">
                    {ta(`verb.${verb}`)}
                  </th>
                ))}
                <th scope="col">{ta("acts")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((entity) => {
                const verbs = verbsOf(entity);
                return (
                  <tr key={entity.name}>
                    <th scope="row">{entity.label_plural}</th>
                    {VERBS.map((verb) => (
                      <td key={verb}>{verbs.includes(verb) && cell(entity, verb, false)}</td>
                    ))}
                    <td>{entity.acts.map((act) => cell(entity, act.name, true))}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
      <div aria-live="polite">
        {chosen && chosenVerb && (
          <div className={styles.why}>
            <b>
              {chosen.label_plural}: {labelOf(chosen, chosenVerb)}
            </b>
            {answer ? (
              <Why answer={answer} grant={grantOf(answer)} who={who} entity={chosen} />
            ) : (
              <Skeleton lines={2} />
            )}
          </div>
        )}
      </div>
    </section>
  );
}

/** Which rule decides, in a sentence, and what it limits. */
function Why({
  answer,
  grant,
  who,
  entity,
}: {
  answer: Answer;
  grant: ApiRecord | undefined;
  who: string;
  entity: Entity;
}): ReactNode {
  const named = (names: readonly string[]) =>
    names
      .map((name) => entity.fields.find((field) => field.name === name)?.label ?? name)
      .join(", ");
  const isAllowed = answer.extent !== "none";
  const sentence =
    answer.by === "administrator"
      ? ta("why.administrator", { name: who })
      : answer.by === "default"
        ? ta("why.default", { name: who })
        : answer.by === null
          ? ta("why.nothing", { name: who })
          : ta(isAllowed ? "why.granted" : "why.denied", {
              name: who,
              role: String(grant?.role ?? ""),
            });
  return (
    <>
      <span>
        {sentence} {grant && <a href={`/users/grants/${grant.id}`}>{ta("showGrant")}</a>}
      </span>
      {answer.condition !== null && (
        <span>
          {ta("onlyWhere")} <code className={styles.mono}>{answer.condition}</code>
        </span>
      )}
      {isAllowed && answer.hidden.length > 0 && (
        <span>{ta("hiddenFields", { fields: named(answer.hidden) })}</span>
      )}
      {isAllowed && answer.readOnly.length > 0 && (
        <span>{ta("readOnlyFields", { fields: named(answer.readOnly) })}</span>
      )}
      {typeof grant?.reason === "string" && grant.reason !== "" && (
        <span className={styles.soft}>
          <bdi>{grant.reason}</bdi>
        </span>
      )}
    </>
  );
}
