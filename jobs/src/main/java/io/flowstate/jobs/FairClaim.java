package io.flowstate.jobs;

import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization;
import io.flowstate.storage.Dialect;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How db-scheduler chooses what is next: in an order of ours, and no more of a lane than it has room for on this node.
 * This is db-scheduler's own seam for databases; all else it does, locking, heartbeats, finding dead nodes, stays its own.
 */
final class FairClaim extends DefaultJdbcCustomization {
    private final Dialect dialect;
    private final String order;
    private final Vacancies lanes;

    /** What has room on this node, asked right before each claim. */
    @FunctionalInterface
    interface Vacancies {
        /** Lanes that can take no more now; one is also all lanes that begin with it and a slash. */
        Set<String> full();

        /** How many of those that are wanted to claim now, whatever lanes they are in. */
        default int claimable(int wanted) {
            return wanted;
        }
    }

    /**
     * @param order columns of the table, as in {@code order by}
     */
    FairClaim(Dialect dialect, String order, Vacancies lanes) {
        super(dialect == Dialect.SQLITE);
        this.dialect = dialect;
        this.order = order;
        this.lanes = lanes;
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
                + getQueryLimitPart(lanes.claimable(limit))
                + dialect.claimLock();
    }

    private String withRoom() {
        Set<String> full = lanes.full();
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
