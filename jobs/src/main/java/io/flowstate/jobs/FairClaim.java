package io.flowstate.jobs;

import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization;
import io.flowstate.storage.Dialect;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * How db-scheduler chooses what is next: realtime before background, among equals whose turn it is ({@link Schedule}), and nothing for a lane that has no room on this node.
 * This is db-scheduler's own seam for databases; all else it does, locking, heartbeats, finding dead nodes, stays its own.
 */
final class FairClaim extends DefaultJdbcCustomization {
    private final Dialect dialect;
    private final Supplier<Set<String>> fullLanes;

    /** @param fullLanes providers and deployments that can take no more on this node now; words of the catalogue */
    FairClaim(Dialect dialect, Supplier<Set<String>> fullLanes) {
        super(dialect == Dialect.SQLITE);
        this.dialect = dialect;
        this.fullLanes = fullLanes;
    }

    @Override
    public String getName() {
        return "FlowState on " + dialect;
    }

    @Override
    public String getQueryLimitPart(int limit) {
        return " LIMIT " + limit;
    }

    /** In one transaction, also on SQLite: there it is the only one that writes, so nobody comes between. */
    @Override
    public boolean supportsGenericLockAndFetch() {
        return true;
    }

    @Override
    public String createGenericSelectForUpdateQuery(
            String tableName, int limit, String requiredAndCondition, boolean orderByPriority) {
        // The first condition repeats the second in words that match the index.
        return "select * from " + tableName + " where not picked and picked = ? and execution_time <= ? "
                + requiredAndCondition
                + withRoom()
                + " order by priority desc, turn, task_instance"
                + getQueryLimitPart(limit)
                + dialect.claimLock();
    }

    private String withRoom() {
        Set<String> full = fullLanes.get();
        if (full.isEmpty()) {
            return "";
        }
        // Words of the catalogue have no quotes; they are doubled all the same.
        return full.stream()
                .map(lane -> "'" + lane.replace("'", "''") + "'")
                .map(lane -> " and lane <> %s and lane not like %s || '/%%'".formatted(lane, lane))
                .collect(Collectors.joining());
    }
}
