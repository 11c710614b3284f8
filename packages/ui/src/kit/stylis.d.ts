// The two names of it that are used; the package has no types of its own.
declare module "stylis" {
  export const prefixer: (...args: unknown[]) => string | undefined;
}
