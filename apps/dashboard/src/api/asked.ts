/** What a panel has to know of a question: a result of `useQuery`, or of several together. */
export type Asked<Answer> = {
  data: Answer | undefined;
  error: Error | null;
  isPending: boolean;
  isFetching: boolean;
  /** Whether the data are those of a former question. */
  isPlaceholderData: boolean;
  refetch: () => unknown;
};
