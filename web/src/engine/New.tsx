// A new record of any entity. The address may say what it starts with: `?customer=cus_…`.

import { type FormValues, may } from "@megalith/meta";
import { Skeleton, toast } from "@megalith/ui";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { catalogQuery, type Entity, listPath, type Schema } from "../app/catalog";
import { Crumbs, useOrg } from "../app/context";
import { NotFound } from "../app/NotFound";
import { titleText } from "../app/reader";
import { useSettings } from "../app/settings";
import { t, within } from "../app/words";
import { FormRenderer } from "./Form";
import { bodyOf, startOf } from "./make";
import styles from "./Record.module.css";
import { records, useSettle, useUndo } from "./server";
import { calculates, filled, inputsOf } from "./shape";
import { find, type Target } from "./targets";

const route = getRouteApi("/$service/$plural/new");

export default function NewPage(): ReactNode {
  const { service, plural } = route.useParams();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const entity = schema.at(service, plural);
  if (!entity?.path || !may(entity, "create").allowed) return <NotFound />;
  return <New key={entity.name} entity={entity} schema={schema} />;
}

/** The company that a new record belongs to unless somebody chooses another. */
function useCompany(
  entity: Entity,
  schema: Schema,
): { id: string; title: string } | null | undefined {
  const org = useOrg();
  const { company: chosen } = useSettings();
  const field = entity.fields.find((one) => one.name === "company" && one.kind === "link");
  const target = field && entity.per_company ? schema.target(field) : null;
  const { data, isPending, isError } = useQuery({
    queryKey: ["first-companies", org?.id],
    queryFn: ({ signal }) => find(target as Entity, "", signal),
    enabled: target !== null,
    staleTime: 5 * 60_000,
  });
  if (target === null || isError) return null;
  if (isPending) return undefined;
  const own: Target | undefined = data.find((one) => one.id === chosen) ?? data[0];
  return own ? { id: own.id, title: own.label } : null;
}

function New({ entity, schema }: { entity: Entity; schema: Schema }): ReactNode {
  const router = useRouter();
  const settle = useSettle(entity);
  const undo = useUndo();
  const company = useCompany(entity, schema);
  const title = t("newRecord", { name: within(entity.label) });
  const given = Object.fromEntries(new URLSearchParams(location.search));
  if (company === undefined) return <Skeleton lines={6} height={16} />;
  const inputs = inputsOf(entity, null);
  const names = inputs.map((field) => field.name);
  const values: Record<string, unknown> = {
    ...startOf(entity, inputs),
    ...(company && names.includes("company") ? { company } : {}),
    ...Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name))),
  };
  const body = (typed: FormValues) => bodyOf(inputs, typed, schema);
  const save = async (typed: FormValues, idempotencyKey: string) => {
    const record = await records.create(entity.path ?? "", body(typed), { idempotencyKey });
    void settle();
    return () => {
      toast({
        text: t("created", { name: titleText(entity, record) }),
        undo: undo(async () => {
          await records.remove(entity.path ?? "", record.id, { ifMatch: record.version });
          await settle();
          router.history.push(listPath(entity));
        }),
      });
      router.history.replace(`${listPath(entity)}/${record.id}`);
    };
  };
  return (
    <div className={styles.page}>
      <Crumbs items={[{ label: entity.label_plural, href: listPath(entity) }, { label: title }]} />
      <h1 className={styles.newTitle}>{title}</h1>
      <FormRenderer
        entity={entity}
        schema={schema}
        record={null}
        values={values}
        focus=""
        saveLabel={t("createRecord", { name: within(entity.label) })}
        onSave={save}
        foresee={
          calculates(entity, schema)
            ? (typed, signal) =>
                records.create(entity.path ?? "", body(filled(entity, schema, typed)), {
                  dryRun: true,
                  signal,
                })
            : null
        }
        onClose={() => router.history.push(listPath(entity))}
      />
    </div>
  );
}
