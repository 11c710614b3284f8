// Signing in: e-mail and password, then the organisation if there are several.

import type { LoginAnswer } from "@megalith/api";
import { Avatar, Button, Callout, Mark, problemWords, TextField, useLabels } from "@megalith/ui";
import { type ReactNode, useState } from "react";
import styles from "./Entry.module.css";
import { api, problemOf } from "./server";
import type { Org } from "./who";
import { t } from "./words";

/** The form, on a page of its own or in the dialog that keeps the page. */
export function SignInForm({
  email: known,
  org: wanted,
  onDone,
}: {
  /** Who must sign in again. */
  email?: string;
  org?: string;
  onDone: () => void;
}): ReactNode {
  const labels = useLabels();
  const [email, setEmail] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ReturnType<typeof problemOf> | null>(null);
  const [choice, setChoice] = useState<{ orgs: readonly Org[]; token: string } | null>(null);
  const [blocked, setBlocked] = useState(false);

  const run = async (login: () => Promise<LoginAnswer>) => {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await login();
      if (answer.signedIn) return onDone();
      if (answer.needs === "org") setChoice({ orgs: answer.orgs, token: answer.login_token });
      else setBlocked(true);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const fault = problem && (
    <Callout tone="bad">
      {!problem.status || problem.status >= 500
        ? problemWords(problem, labels).title
        : (problem.detail ?? problem.title)}
    </Callout>
  );
  if (blocked) return <Callout tone="warn">{t("secondFactor")}</Callout>;
  if (choice) {
    return (
      <div className={styles.form}>
        {fault}
        <OrgChoice
          orgs={choice.orgs}
          busy={busy}
          onChoose={(org) => run(() => api.session.continueLogin(choice.token, org.slug))}
        />
        <Button look="ghost" onClick={() => setChoice(null)}>
          {t("otherAccount")}
        </Button>
      </div>
    );
  }
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (email.trim() && password)
          void run(() => api.session.login(email.trim(), password, wanted));
      }}
    >
      {fault}
      <TextField
        label={t("email")}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        readOnly={known !== undefined}
        required
        autoFocus={known === undefined}
        error={tried && !email.trim() ? t("missing") : undefined}
      />
      <TextField
        label={t("password")}
        type="password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        required
        autoFocus={known !== undefined}
        error={tried && !password ? t("missing") : undefined}
      />
      <Button look="main" type="submit" wide busy={busy}>
        {t("signIn")}
      </Button>
    </form>
  );
}

/** The organisations of somebody who belongs to several. */
export function OrgChoice({
  orgs,
  busy,
  onChoose,
}: {
  orgs: readonly Org[];
  busy: boolean;
  onChoose: (org: Org) => void;
}): ReactNode {
  return (
    <ul className={styles.orgs} aria-label={t("whichOrg")}>
      {orgs.map((org) => (
        <li key={org.id}>
          <button
            type="button"
            className={styles.org}
            disabled={busy}
            onClick={() => onChoose(org)}
          >
            <Avatar name={org.name} square size={30} />
            <span>
              <bdi>{org.name}</bdi>
              <span>{org.slug}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function SignIn({ onDone }: { onDone: () => void }): ReactNode {
  return (
    <main className={styles.page} id="main">
      <div className={styles.card}>
        <div className={styles.head}>
          <Mark size={52} />
          <h1>{t("app")}</h1>
        </div>
        <SignInForm onDone={onDone} />
      </div>
    </main>
  );
}
