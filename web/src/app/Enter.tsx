// Opened by a link: an invitation, or a new password. Says whose it is and what for, asks for a
// password, and signs in. What is wrong with a link is said with what to do about it.

import type { LinkFacts, LoginAnswer } from "@megalith/api";
import { Button, Callout, Mark, Skeleton, TextField } from "@megalith/ui";
import { type ReactNode, useEffect, useState } from "react";
import styles from "./Entry.module.css";
import { inWords } from "./refusals";
import { OrgChoice } from "./SignIn";
import { api, problemOf } from "./server";
import { useAddressToken } from "./token";
import type { Org } from "./who";
import { t } from "./words";

type Problem = ReturnType<typeof problemOf>;

/** What the server says about a link, in the person's language. */
const words = ({ code = "", detail }: Problem): string =>
  inWords({ code, message: detail ?? t("away") });

export default function Enter(): ReactNode {
  const token = useAddressToken();
  const [facts, setFacts] = useState<LinkFacts | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (!token) return;
    let gone = false;
    api.session.readLink(token).then(
      (read) => !gone && setFacts(read),
      (error) => !gone && setProblem(problemOf(error)),
    );
    return () => {
      gone = true;
    };
  }, [token]);
  const title = !facts
    ? t("app")
    : facts.purpose === "reset"
      ? t("newPassword")
      : t("joinOrg", { org: facts.org?.name ?? "" });
  useEffect(() => {
    document.title = `${title} · ${t("app")}`;
  }, [title]);
  const fault = !token ? t("link_invalid") : problem && words(problem);
  return (
    <main className={styles.page} id="main">
      <div className={styles.card}>
        <div className={styles.head}>
          <Mark size={52} />
          <h1>
            <bdi>{title}</bdi>
          </h1>
          {facts && (
            <p>
              {t(facts.signs_in ? "enterSignIn" : "enterPassword")} <bdi>{facts.email}</bdi>
            </p>
          )}
        </div>
        {fault && (
          <>
            <Callout tone="warn">{fault}</Callout>
            <Button look="main" wide onClick={() => location.assign("/")}>
              {t("toSignIn")}
            </Button>
          </>
        )}
        {token && facts && !fault && <EnterForm token={token} facts={facts} onSpent={setProblem} />}
        {token && !facts && !fault && <Skeleton lines={3} height={14} />}
      </div>
    </main>
  );
}

/** The password, and the name of who is new. */
function EnterForm({
  token,
  facts,
  onSpent,
}: {
  token: string;
  facts: LinkFacts;
  /** Told when the link itself is no good any more. */
  onSpent: (problem: Problem) => void;
}): ReactNode {
  const [name, setName] = useState(facts.name);
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [choice, setChoice] = useState<{ orgs: readonly Org[]; token: string } | null>(null);
  const asksName = facts.purpose === "invitation" && !facts.signs_in;
  const run = async (enter: () => Promise<LoginAnswer>) => {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await enter();
      if (answer.signedIn) location.assign("/");
      else setChoice({ orgs: answer.orgs, token: answer.login_token });
    } catch (error) {
      const met = problemOf(error);
      if (/^(link_|password_missing)/.test(met.code ?? "")) onSpent(met);
      else setProblem(met);
    }
    setBusy(false);
  };
  const told = (pointer: string) => problem?.errors.find((one) => one.pointer === pointer)?.message;
  if (choice) {
    return (
      <OrgChoice
        orgs={choice.orgs}
        busy={busy}
        onChoose={(org) => run(() => api.session.continueLogin(choice.token, org.slug))}
      />
    );
  }
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (password && (!asksName || name.trim())) {
          void run(() => api.session.enter(token, password, asksName ? name.trim() : undefined));
        }
      }}
    >
      {problem && problem.errors.length === 0 && <Callout tone="bad">{words(problem)}</Callout>}
      {asksName && (
        <TextField
          label={t("yourName")}
          autoComplete="name"
          dir="auto"
          value={name}
          onChange={setName}
          required
          error={told("/name") ?? (tried && !name.trim() ? t("missing") : undefined)}
        />
      )}
      {/* A password store keeps the password under the e-mail that stands beside it. */}
      <input type="hidden" name="username" autoComplete="username" value={facts.email} readOnly />
      <TextField
        label={t(facts.signs_in ? "password" : "newPassword")}
        type="password"
        autoComplete={facts.signs_in ? "current-password" : "new-password"}
        hint={facts.signs_in ? undefined : t("passwordHint")}
        value={password}
        onChange={setPassword}
        required
        autoFocus
        error={told("/password") ?? (tried && !password ? t("missing") : undefined)}
      />
      <Button look="main" type="submit" wide busy={busy}>
        {t(facts.signs_in ? "signIn" : "enterGo")}
      </Button>
    </form>
  );
}
