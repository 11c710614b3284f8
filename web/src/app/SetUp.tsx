// The first administrator and the first organisation, made once with the link that the server
// printed.

import { Button, Callout, FieldGroup, Mark, TextField } from "@megalith/ui";
import { type ReactNode, useEffect, useState } from "react";
import styles from "./Entry.module.css";
import { api, problemOf } from "./server";
import { useAddressToken } from "./token";
import { t } from "./words";

const region = () => {
  try {
    return new Intl.Locale(navigator.language).region ?? "";
  } catch {
    return "";
  }
};

type Values = Record<"name" | "email" | "password" | "org" | "country" | "currency", string>;
const pointers: Record<string, keyof Values> = {
  "/name": "name",
  "/email": "email",
  "/password": "password",
  "/org/name": "org",
  "/org": "org",
  "/org/country": "country",
  "/org/currency": "currency",
};

export default function SetUp(): ReactNode {
  const token = useAddressToken();
  const [values, setValues] = useState<Values>({
    name: "",
    email: "",
    password: "",
    org: "",
    country: region(),
    currency: "",
  });
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ReturnType<typeof problemOf> | null>(null);
  useEffect(() => {
    document.title = `${t("setUp")} · ${t("app")}`;
  }, []);

  const told = new Map(
    (problem?.errors ?? []).map((one) => [pointers[one.pointer], one.message] as const),
  );
  const field = (name: keyof Values, required = true) => ({
    value: values[name],
    onChange: (value: string) =>
      setValues({
        ...values,
        [name]: name === "country" || name === "currency" ? value.toUpperCase() : value,
      }),
    required,
    error: told.get(name) ?? (tried && required && !values[name].trim() ? t("missing") : undefined),
  });
  const submit = async () => {
    setTried(true);
    if (!token) return;
    const { name, email, password, org, country, currency } = values;
    if (![name, email, password, org].every((value) => value.trim())) return;
    setBusy(true);
    setProblem(null);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const body = {
      token,
      name,
      email,
      password,
      org: {
        name: org,
        ...(country ? { country } : {}),
        ...(currency ? { currency } : {}),
        ...(zone ? { zone } : {}),
      },
    };
    try {
      await api.session.setUp(body);
      location.assign("/");
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <main className={styles.page} id="main">
      <div className={`${styles.card} ${styles.wide}`}>
        <div className={styles.head}>
          <Mark size={52} />
          <h1>{t("setUp")}</h1>
          <p>{t("setUpText")}</p>
        </div>
        {!token ? (
          <Callout tone="warn">{t("setUpNoToken")}</Callout>
        ) : (
          <form
            className={styles.form}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              void submit();
            }}
          >
            {problem && told.size === 0 && (
              <Callout tone="bad">{problem.detail ?? t("away")}</Callout>
            )}
            <FieldGroup title={t("you")} narrow>
              <TextField label={t("yourName")} autoComplete="name" autoFocus {...field("name")} />
              <TextField
                label={t("email")}
                type="email"
                autoComplete="username"
                {...field("email")}
              />
              <TextField
                label={t("password")}
                type="password"
                autoComplete="new-password"
                hint={t("passwordHint")}
                {...field("password")}
              />
            </FieldGroup>
            <FieldGroup title={t("organisation")}>
              <TextField
                label={t("orgName")}
                autoComplete="organization"
                hint={t("orgNameHint")}
                {...field("org")}
              />
              <TextField
                label={t("country")}
                maxLength={2}
                hint={t("countryHint")}
                {...field("country", false)}
              />
              <TextField
                label={t("currency")}
                maxLength={3}
                hint={t("currencyHint")}
                {...field("currency", false)}
              />
            </FieldGroup>
            <Button look="main" type="submit" wide busy={busy}>
              {t("setUpGo")}
            </Button>
          </form>
        )}
      </div>
    </main>
  );
}
