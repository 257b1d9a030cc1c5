package io.flowstate.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jspecify.annotations.Nullable;

/**
 * Where transactions stand in line for the one connection that writes, and share its commits. Thread-safe.
 *
 * <p>A commit waits for the disk, and costs the same for one row as for a hundred. So whoever stands in line when the writer's thread is free goes with one group: one after the other, in
 * the order in which they came, inside one transaction of the database, each behind a savepoint of its own. One that fails is taken back to its savepoint and does no harm to the others.
 *
 * <p>Invariants: nobody is told anything before the commit, not even that it failed, because it may have failed by what an earlier one of the group wrote; if the commit fails, nothing of
 * the group is kept and each is told so. SQLite gives a whole transaction up on its own after some errors, such as a full disk. The savepoint is gone then, so that letting go of it or
 * going back to it fails: after that nobody of the group may be told that anything was kept.
 */
final class WriteLine implements AutoCloseable {
    /** Those at the head of a group wait for those at its end. */
    private static final int MOST = 64;

    private static final String SAVEPOINT = "member";

    private final Jdbi writer;
    private final BlockingQueue<Member<?>> line = new LinkedBlockingQueue<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("sqlite-writer").factory());

    WriteLine(Jdbi writer) {
        this.writer = writer;
    }

    /** Gives the answer after the commit. */
    <T> Future<T> join(Function<Tx, T> work) {
        Member<T> member = new Member<>(work);
        line.add(member);
        // One call for each member: whichever comes first takes all that stand in line, and the others find fewer, or
        // nobody.
        try {
            thread.execute(this::serve);
        } catch (RejectedExecutionException closed) {
            // One that was taken before the end has an answer all the same.
            if (line.remove(member)) {
                throw closed;
            }
        }
        return member.answer;
    }

    private void serve() {
        List<Member<?>> group = new ArrayList<>();
        line.drainTo(group, MOST);
        if (group.isEmpty()) {
            return;
        }
        try {
            writer.useTransaction(handle -> {
                if (group.size() == 1) {
                    group.getFirst().run(handle);
                } else {
                    group.forEach(member -> member.runBehindSavepoint(handle));
                }
            });
        } catch (Throwable none) {
            group.forEach(member -> member.answer.completeExceptionally(none));
            return;
        }
        group.forEach(Member::tell);
    }

    /** Waits for those in line. */
    @Override
    public void close() {
        thread.close();
    }

    /** One transaction. Only its answer is for another thread than the writer's. */
    private static final class Member<T> {
        private final Function<Tx, T> work;
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private @Nullable T result;
        private @Nullable Throwable failure;

        Member(Function<Tx, T> work) {
            this.work = work;
        }

        void run(Handle handle) {
            result = work.apply(new Tx(handle));
        }

        void runBehindSavepoint(Handle handle) {
            handle.savepoint(SAVEPOINT);
            try {
                run(handle);
            } catch (Throwable failed) {
                failure = failed;
                takeBack(handle, failed);
                return;
            }
            handle.releaseSavepoint(SAVEPOINT);
        }

        /** What is taken back stays behind its savepoint, which goes with the transaction. */
        private static void takeBack(Handle handle, Throwable failed) {
            try {
                handle.rollbackToSavepoint(SAVEPOINT);
            } catch (TransactionException gone) {
                IllegalStateException all =
                        new IllegalStateException("the database has given the whole group up", failed);
                all.addSuppressed(gone);
                throw all;
            }
        }

        void tell() {
            if (failure == null) {
                answer.complete(result);
            } else {
                answer.completeExceptionally(failure);
            }
        }
    }
}
