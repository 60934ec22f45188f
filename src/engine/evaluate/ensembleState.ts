/** What is known of a threat model's sample: [sample] each, in the order of `positions`. */
export interface EnsembleThreatState {
  readonly threatModel: string;
  readonly attack: { readonly name: string; readonly title: string; readonly iterations: number };
  /** Whether the ensemble could be attacked through all members. */
  readonly throughAll: boolean;
  readonly rows: {
    /** 1 where the ensemble is right as it is. */
    readonly right: number[];
    /** 1 where it also stands against the attack through all members. */
    readonly standing: number[];
    /** By member. */
    readonly members: readonly MemberRows[];
  };
  done: boolean;
}

export interface MemberRows {
  readonly name: string;
  readonly attacked: boolean;
  /** 1 where the member by itself is right as it is. */
  readonly right: number[];
  /** 1 where it stands against the attack on itself. */
  readonly alone: number[];
  /** 1 where the ensemble stands against what was made on this member. */
  readonly transfer: number[];
  /** Of the examples that break the ensemble through all members: 1 where this member is right about them. */
  readonly onEnsemble: number[];
}

export interface EnsembleState {
  readonly names: readonly string[];
  /** By member, [count]: the class that its own file predicts; -1 before the example was seen. */
  readonly predictions: readonly Int32Array[];
  seen: number;
  readonly threats: EnsembleThreatState[];
}

export function emptyEnsembleState(members: readonly { readonly name: string }[], count: number): EnsembleState {
  const names = members.map(({ name }) => name);
  return { names, predictions: names.map(() => new Int32Array(count).fill(-1)), seen: 0, threats: [] };
}
