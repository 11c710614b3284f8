// What is shown once and kept by nobody: a key, or a link that lets somebody in.

import { Button, copyText, Dialog, toast } from "@megalith/ui";
import type { ReactNode } from "react";
import styles from "./Admin.module.css";
import { ta } from "./words";

export function Once({
  title,
  text,
  copied,
  secret,
  name,
  onClose,
}: {
  title: string;
  text: string;
  /** What is said when it has been copied. */
  copied: string;
  secret: string;
  /** What it is called in the page, for tests. */
  name: "key" | "link";
  onClose: () => void;
}): ReactNode {
  return (
    <Dialog
      open
      title={title}
      text={text}
      actions={
        <>
          <Button
            onClick={() => void copyText(secret).then((done) => done && toast({ text: copied }))}
          >
            {ta("copy")}
          </Button>
          <Button look="main" onClick={onClose}>
            {ta("keyKept")}
          </Button>
        </>
      }
    >
      <code className={styles.secret} dir="ltr" data-testid={name}>
        {secret}
      </code>
    </Dialog>
  );
}

/** A link that lets somebody in, to hand on. There is no e-mail yet: whoever made it sends it. */
export function EntryLink({
  path,
  name,
  isReset = false,
  onClose,
}: {
  path: string;
  /** Who it is for. */
  name: string;
  isReset?: boolean;
  onClose: () => void;
}): ReactNode {
  return (
    <Once
      title={ta("linkMade", { name })}
      text={ta(isReset ? "resetMadeText" : "inviteMadeText")}
      copied={ta("linkCopied")}
      secret={location.origin + path}
      name="link"
      onClose={onClose}
    />
  );
}
