package dev.longshore.process.admin;

/**
 * What an orchestrator asks a process. Answered on the thread of the server itself, beside whatever
 * page is being made: must be quick and never block.
 */
public interface Probes {
  /** Whether the process does what it is there for, or should be started anew. */
  AdminResponse live();

  /** Whether it is ready to be used. */
  AdminResponse ready(Query query);
}
