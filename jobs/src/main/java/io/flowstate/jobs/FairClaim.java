package io.flowstate.jobs;

import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization;
import io.flowstate.storage.Dialect;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * How db-scheduler chooses what is next: in an order of ours, and nothing for a lane that has no room on this node.
 * This is db-scheduler's own seam for databases; all else it does, locking, heartbeats, finding dead nodes, stays its own.
 */
final class FairClaim extends DefaultJdbcCustomization {
    private final Dialect dialect;
    private final String order;
    private final Supplier<Set<String>> fullLanes;

    /**
     * @param order columns of the table, as in {@code order by}
     * @param fullLanes those that can take no more on this node now; one is also all lanes that begin with it and a slash
     */
    FairClaim(Dialect dialect, String order, Supplier<Set<String>> fullLanes) {
        super(dialect == Dialect.SQLITE);
        this.dialect = dialect;
        this.order = order;
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
                + " order by "
                + order
                + getQueryLimitPart(limit)
                + dialect.claimLock();
    }

    private String withRoom() {
        Set<String> full = fullLanes.get();
        if (full.isEmpty()) {
            return "";
        }
        // Neither words of the catalogue nor hosts have quotes; they are doubled all the same.
        return full.stream()
                .map(lane -> "'" + lane.replace("'", "''") + "'")
                .map(lane -> " and lane <> %s and lane not like %s || '/%%'".formatted(lane, lane))
                .collect(Collectors.joining());
    }
}
