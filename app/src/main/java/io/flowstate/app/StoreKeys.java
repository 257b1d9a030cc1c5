package io.flowstate.app;

import static io.flowstate.app.KeyKinds.duration;
import static io.flowstate.app.KeyKinds.flag;
import static io.flowstate.app.KeyKinds.number;
import static io.flowstate.app.KeyKinds.path;
import static io.flowstate.app.KeyKinds.secret;
import static io.flowstate.app.KeyKinds.size;
import static io.flowstate.app.KeyKinds.text;
import static io.flowstate.app.KeyKinds.words;

import io.flowstate.core.Secret;
import io.flowstate.server.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The keys of what outlives a server: its roles, database, blobs and jobs, and what it may fetch. */
final class StoreKeys {
    static final Key<Set<Role>> SERVER_ROLES = new Key<>(
            "server.roles",
            "api,worker",
            "What this node does: api answers requests, worker runs jobs. Separated by commas.",
            "must be api, worker or both",
            (text, from) -> Arrays.stream(text.split(",", -1))
                    .map(word -> Role.valueOf(word.strip().toUpperCase(Locale.ROOT)))
                    .collect(Collectors.toUnmodifiableSet()));

    static final Key<Optional<Path>> DATA_FOLDER = path(
                    "data.folder",
                    "Where jobs are kept: the embedded database, and inputs and outputs; auto: data/ in FLOWSTATE_HOME, else the user's data folder (XDG_DATA_HOME/flowstate or ~/.local/share/flowstate).")
            .alsoFrom("FLOWSTATE_DATA");

    static final Key<Optional<String>> DATABASE_URL = text(
            "database.url",
            "A PostgreSQL that several nodes share, e.g. postgresql://db.example.org:5432/flowstate; empty: SQLite in data.folder, for one node.");
    static final Key<Optional<String>> DATABASE_USER = text("database.user", "Who logs in to database.url.");
    static final Key<Optional<Secret>> DATABASE_PASSWORD =
            secret("database.password", "The password of database.user.");
    static final Key<Integer> DATABASE_CONNECTIONS = number(
            "database.connections", "10", 2, 1_000, "The most connections that this node opens to database.url.");

    static final Key<Optional<String>> BLOBS_S3_BUCKET = text(
            "blobs.s3_bucket",
            "The bucket of an S3-compatible store that keeps inputs and outputs; empty: blobs/ in data.folder, which nodes that share a database must share too.");
    static final Key<Optional<String>> BLOBS_S3_ENDPOINT = text(
            "blobs.s3_endpoint", "Where that store is, e.g. https://s3.example.org; empty: Amazon's in that region.");
    static final Key<Optional<String>> BLOBS_S3_REGION =
            text("blobs.s3_region", "Its region; empty: us-east-1, which stores without regions take.");
    static final Key<Optional<String>> BLOBS_S3_PREFIX =
            text("blobs.s3_prefix", "What keys begin with, e.g. flowstate/. Nothing else may write below it.");
    static final Key<Boolean> BLOBS_S3_PATH_STYLE = flag(
            "blobs.s3_path_style",
            "false",
            "Addresses the bucket in the path rather than in the host name, as most stores but Amazon's want it.");
    static final Key<Optional<String>> BLOBS_S3_ACCESS_KEY = text(
            "blobs.s3_access_key", "Access key; empty: credentials are looked for where Amazon's tools look for them.");
    static final Key<Optional<Secret>> BLOBS_S3_SECRET_KEY =
            secret("blobs.s3_secret_key", "The secret of blobs.s3_access_key.");

    static final Key<Integer> JOBS_CONCURRENCY =
            number("jobs.concurrency", "4", 1, 10_000, "How many jobs this node runs at a time.");
    static final Key<Map<String, Integer>> JOBS_LANES = new Key<>(
            "jobs.lanes",
            "local=1",
            "How many of them on one provider or deployment, e.g. local=1,replicate=20. Separated by commas.",
            "must be names with numbers like local=1, separated by commas",
            (text, from) -> Arrays.stream(text.split(","))
                    .map(String::strip)
                    .filter(word -> !word.isEmpty())
                    .map(word -> word.split("=", 2))
                    .collect(Collectors.toUnmodifiableMap(
                            pair -> pair[0].strip(), pair -> (int) KeyKinds.whole(pair[1].strip(), 1, 10_000))));
    static final Key<Duration> JOBS_KEEP_INPUT = duration(
            "jobs.keep_input", "24h", "How long an input is kept after submission, unless its job says otherwise.");
    static final Key<Duration> JOBS_KEEP_OUTPUTS = duration(
            "jobs.keep_outputs",
            "7d",
            "How long outputs are kept after the end of their job, unless it says otherwise.");
    static final Key<Duration> JOBS_KEEP =
            duration("jobs.keep", "30d", "How long a job itself is known after its end.");
    static final Key<Long> JOBS_MAX_BYTES = size(
            "jobs.max_bytes",
            "100 GiB",
            "The most that inputs and outputs of all jobs may take together; over it new jobs are refused.");
    static final Key<Duration> JOBS_HEARTBEAT = duration(
            "jobs.heartbeat",
            "10s",
            "How often a node says that its jobs are alive; after four times as long others take them over.");
    static final Key<Integer> JOBS_MAX_LOSSES =
            number("jobs.max_losses", "5", 0, 1_000, "A job that is lost with its node more often than this fails.");
    static final Key<Duration> JOBS_POLL =
            duration("jobs.poll", "1s", "How often a worker looks for jobs when it hears of none.");

    static final Key<Duration> JOBS_CHECKPOINT = duration(
            "jobs.checkpoint",
            "60s",
            "How often a long run saves how far it is, so that it goes on from there after a crash.");

    static final Key<Long> UPLOADS_MAX_BYTES =
            size("uploads.max_bytes", "8 GiB", "The largest file that may come in several requests.");
    static final Key<Duration> UPLOADS_KEEP =
            duration("uploads.keep", "24h", "How long an upload is kept after its last bytes came.");

    static final Key<Set<String>> EGRESS_ALLOWED_HOSTS = words(
            "egress.allowed_hosts",
            "Hosts, host:port or networks such as 10.1.0.0/16 that webhooks and addresses of audio may name although they are not public.");
    static final Key<Duration> EGRESS_CONNECT =
            duration("egress.connect", "5s", "How long a connection to such an address may take to open.");
    static final Key<Duration> EGRESS_IDLE = duration("egress.idle", "30s", "How long it may then be silent.");
    static final Key<Duration> EGRESS_POST_LIMIT =
            duration("egress.post_limit", "20s", "How long a webhook may take altogether.");
    static final Key<Duration> EGRESS_DOWNLOAD_LIMIT =
            duration("egress.download_limit", "1h", "How long fetching one piece of audio may take altogether.");

    /** In the order of the docs; the roles come with the other keys of the server. */
    static final List<Key<?>> ALL = List.of(
            DATA_FOLDER,
            DATABASE_URL,
            DATABASE_USER,
            DATABASE_PASSWORD,
            DATABASE_CONNECTIONS,
            BLOBS_S3_BUCKET,
            BLOBS_S3_ENDPOINT,
            BLOBS_S3_REGION,
            BLOBS_S3_PREFIX,
            BLOBS_S3_PATH_STYLE,
            BLOBS_S3_ACCESS_KEY,
            BLOBS_S3_SECRET_KEY,
            JOBS_CONCURRENCY,
            JOBS_LANES,
            JOBS_KEEP_INPUT,
            JOBS_KEEP_OUTPUTS,
            JOBS_KEEP,
            JOBS_MAX_BYTES,
            JOBS_HEARTBEAT,
            JOBS_MAX_LOSSES,
            JOBS_POLL,
            JOBS_CHECKPOINT,
            UPLOADS_MAX_BYTES,
            UPLOADS_KEEP,
            EGRESS_ALLOWED_HOSTS,
            EGRESS_CONNECT,
            EGRESS_IDLE,
            EGRESS_POST_LIMIT,
            EGRESS_DOWNLOAD_LIMIT);

    private StoreKeys() {}
}
