/** Name of the queue of those who make a job of each view; its prefix is BullMQ's own. */
export const PER_VIEW_QUEUE = "views-one-by-one";
