// One's own account: the password, where one is signed in, the keys of programs that act for one.

import { Button, TextField } from "@megalith/ui";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { inWords } from "../app/refusals";
import { api, problemOf } from "../app/server";
import { meQuery } from "../app/who";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { KeyTable } from "./KeyTable";
import { AdminPage, FormDialog, useChange } from "./kit";
import { MakeKey } from "./MakeKey";
import { SessionTable } from "./SessionTable";
import { ACCESS } from "./useMembers";
import { ta } from "./words";

export default function Account(): ReactNode {
  const { data: me } = useQuery(meQuery);
  const [over, setOver] = useState<"password" | "key" | null>(null);
  const close = () => setOver(null);
  if (!me) return null;
  const { id, name, email } = me.user;
  return (
    <AdminPage
      isTop
      title={ta("account")}
      intro={
        <>
          <bdi>{name}</bdi> · <bdi>{email}</bdi>
        </>
      }
      actions={<Button onClick={() => setOver("password")}>{ta("changePassword")}</Button>}
    >
      <div className={styles.part}>
        <h2>{ta("whereSignedIn")}</h2>
        <SessionTable user={id} />
      </div>
      <div className={styles.part}>
        <h2>{ta("yourKeys")}</h2>
        <p className={styles.soft}>{ta("keysIntro")}</p>
        <KeyTable user={id} none={ta("yourKeysNone")} />
        <div>
          <Button onClick={() => setOver("key")}>{ta("makeKey")}</Button>
        </div>
      </div>
      {over === "password" && <ChangePassword email={email} onClose={close} />}
      {over === "key" && <MakeKey own onClose={close} />}
    </AdminPage>
  );
}

function ChangePassword({ email, onClose }: { email: string; onClose: () => void }): ReactNode {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const change = useChange(
    async () => {
      await api.records.command("/api/v1/auth/password", { current, password });
      onClose();
    },
    { paths: [ACCESS], done: () => ta("passwordChanged") },
  );
  const errors = change.error ? problemOf(change.error).errors : [];
  const told = (pointer: string) => {
    const found = errors.find((one) => one.pointer === pointer);
    return found && inWords(found);
  };
  return (
    <FormDialog
      title={ta("changePassword")}
      text={ta("changePasswordText")}
      act={ta("changePassword")}
      // What was refused of a field stands at it.
      change={{ ...change, error: errors.length > 0 ? null : change.error }}
      onClose={onClose}
    >
      {/* A password store keeps the password under the e-mail that stands beside it. */}
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <TextField
        label={ta("presentPassword")}
        type="password"
        autoComplete="current-password"
        required
        autoFocus
        value={current}
        onChange={setCurrent}
        error={told("/current")}
      />
      <TextField
        label={t("newPassword")}
        type="password"
        autoComplete="new-password"
        hint={t("passwordHint")}
        required
        value={password}
        onChange={setPassword}
        error={told("/password")}
      />
    </FormDialog>
  );
}
