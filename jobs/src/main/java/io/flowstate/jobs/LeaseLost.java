package io.flowstate.jobs;

/** The attempt is no longer the job's: another node has taken it over, or it is over. What was about to be written has not been. */
final class LeaseLost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LeaseLost(String job, int attempt) {
        super("attempt %d of %s has been superseded".formatted(attempt, job));
    }
}
