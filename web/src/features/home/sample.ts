// Sample data of the organisation: filled in and taken out again by jobs of the server.

import { ApiProblem } from "@megalith/api";
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api } from "../../app/server";

const PATH = "/api/v1/platform/sample-data";
/** How often a job under way is asked how far it is. */
const EVERY_MS = 1_000;

export interface Sample {
  readonly state: "absent" | "filling" | "present" | "removing";
  readonly change_set: string | null;
  readonly records: number;
}

export const isMoving = (sample: Sample | null | undefined): boolean =>
  sample?.state === "filling" || sample?.state === "removing";

/** How the sample data stand; null for who may not know, and where the server has none. */
export const sampleQuery = queryOptions({
  queryKey: ["sample-data"],
  queryFn: async ({ signal }): Promise<Sample | null> => {
    try {
      return await api.records.read<Sample>(PATH, signal);
    } catch (error) {
      if (error instanceof ApiProblem && [403, 404].includes(error.status)) return null;
      throw error;
    }
  },
  refetchInterval: ({ state }) => (isMoving(state.data) ? EVERY_MS : false),
});

export async function fillSample(client: QueryClient): Promise<void> {
  await api.records.command(PATH, undefined);
  await client.invalidateQueries({ queryKey: sampleQuery.queryKey });
}

/** Takes the sample data out; 409 says what was built upon them. */
export async function removeSample(client: QueryClient): Promise<void> {
  await api.records.discard(PATH);
  await client.invalidateQueries({ queryKey: sampleQuery.queryKey });
}
