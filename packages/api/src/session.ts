// Signing in and out in a browser: the tokens are cookies that no script can read, and a change is
// accepted from the app's own pages only (`Origin`), so no token has to be carried along.

import type { Records } from "./records";
import type { paths } from "./schema";

type Answer<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  responses: { 200: { content: { "application/json": infer T } } };
}
  ? T
  : never;

/** Who is signed in: the person, the organisation, the roles there. */
export type Me = Answer<"/api/v1/auth/me", "get">;
export type Org = NonNullable<Me["org"]>;

/** More that a sign-in needs: which organisation, or a second factor. */
export interface Needs {
  readonly needs: string;
  readonly orgs: readonly Org[];
  readonly login_token: string;
}

/** Signed in, or what is needed besides. */
export type LoginAnswer = { readonly signedIn: true } | ({ readonly signedIn: false } & Needs);

/** What a link is for that lets somebody in. */
export type LinkFacts = Answer<"/api/v1/auth/link:read", "post">;
/** A new link: its path, shown this once. */
export type NewLink = Answer<"/api/v1/auth/invitations:issue", "post">;
/** Somebody of the organisation, as its administrators see them. */
export type Person = Answer<"/api/v1/auth/people", "get">["items"][number];
/** An invitation that nobody used yet. */
export type Invitation = Answer<"/api/v1/auth/invitations", "get">["items"][number];

/** What gives access to the organisation: sessions of people, and keys of programs. */
export type Access = Answer<"/api/v1/auth/access", "get">;

/** What the first administrator is asked for. */
export interface SetUp {
  readonly token: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly org: {
    readonly name: string;
    readonly slug?: string;
    readonly country?: string;
    readonly currency?: string;
    readonly zone?: string;
  };
}

export class Session {
  private readonly records: Records;

  constructor(records: Records) {
    this.records = records;
  }

  me(signal?: AbortSignal): Promise<Me> {
    return this.records.read<Me>("/api/v1/auth/me", signal);
  }

  async login(email: string, password: string, org?: string): Promise<LoginAnswer> {
    return this.answered({ email, password, ...(org && { org }) });
  }

  /** Goes on with a sign-in that needed an organisation. */
  async continueLogin(loginToken: string, org: string): Promise<LoginAnswer> {
    return this.answered({ login_token: loginToken, org });
  }

  /** Says what a link is for. */
  readLink(token: string): Promise<LinkFacts> {
    return this.records.command("/api/v1/auth/link:read", { token });
  }

  /** Uses a link: sets the password, or shows that of the account, and signs in. */
  async enter(token: string, password: string, name?: string): Promise<LoginAnswer> {
    return this.answered({ token, password, ...(name && { name }) }, "link:use");
  }

  private async answered(
    body: Readonly<Record<string, string>>,
    path = "login",
  ): Promise<LoginAnswer> {
    const sent = { ...body, cookie: true };
    const answer = await this.records.command<Partial<Needs>>(`/api/v1/auth/${path}`, sent);
    const { needs, orgs = [], login_token = "" } = answer;
    return needs === undefined ? { signedIn: true } : { signedIn: false, needs, orgs, login_token };
  }

  /** Makes the first administrator and the first organisation. */
  async setUp(asked: SetUp): Promise<void> {
    await this.records.command("/api/v1/auth/setup", { ...asked, cookie: true });
  }

  async switchOrg(org: string): Promise<void> {
    await this.records.command("/api/v1/auth/switch", { org });
  }

  async changePassword(current: string, password: string): Promise<void> {
    await this.records.command("/api/v1/auth/password", { current, password });
  }

  async logout(): Promise<void> {
    await this.records.command("/api/v1/auth/logout", undefined);
  }
}
