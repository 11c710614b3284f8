// The mapping as it stands: what the server proposes with what was changed by hand.

import { useSuspenseQuery } from "@tanstack/react-query";
import { type Plan, type Proposal, proposalQuery } from "./server";
import { type Spec, type Specs, specsOf } from "./spec";
import { changesOf, type Stand } from "./state";

/** The fields as proposed. */
function proposedSpecs(proposal: Proposal): Specs {
  const specs = specsOf(proposal.mapping);
  return Object.fromEntries(
    proposal.fields.map(({ field, from }) => [field, specs[field] ?? from]),
  );
}

/** The proposed fields with the changes; what is left out is null. */
export function specsNow(proposal: Proposal, stand: Stand): Record<string, Spec | null> {
  return { ...proposedSpecs(proposal), ...changesOf(stand.fields) };
}

/** What is sent: the mapping as proposed, with other fields where some were changed. */
export function planNow(base: Plan, proposal: Proposal, stand: Stand): Plan {
  const isChanged = Object.keys(changesOf(stand.fields)).length > 0;
  return {
    ...base,
    mapping: proposal.mapping,
    ...(isChanged && { fields: specsNow(proposal, stand) }),
    ...(stand.key && { key: stand.key }),
  };
}

export const useProposal = (id: string, base: Plan): Proposal =>
  useSuspenseQuery(proposalQuery(id, base)).data;
