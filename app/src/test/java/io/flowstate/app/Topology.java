package io.flowstate.app;

import io.flowstate.testkit.S3Server;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The nodes of {@code deploy/compose.yaml} as processes of this machine, with the settings and commands that they have there. Other are only the addresses of the database and
 * the store, which are real ones of this machine too, and of the nodes; the folders; the tiny model; and how fast a dead node is noticed.
 */
final class Topology implements AutoCloseable {
    static final Map<String, String> SECRETS = Map.of(
            "PORT", "7070",
            "DATABASE_PASSWORD", "of-the-database",
            "STORE_ACCESS_KEY", "of-the-store",
            "STORE_SECRET_KEY", "its-secret");

    private static final String HOME = "/var/lib/flowstate";

    private final RealHouse house;
    private final Compose compose;
    private final Path data;
    private final S3Server store;
    private final int port;
    private EmbeddedPostgres database;
    private final Map<String, Node> nodes = new LinkedHashMap<>();

    /** A service that runs. */
    record Node(String name, Program program, LiveServer server) {}

    /** @param house has the model and the packaged program */
    Topology(RealHouse house) throws Exception {
        this.house = house;
        this.compose = Compose.read(SECRETS);
        this.data = house.ground().resolve("postgres");
        this.store = new S3Server(
                compose.service("api-1").given("FLOWSTATE_BLOBS_S3_BUCKET"),
                compose.service("store").given("MINIO_ROOT_USER"),
                compose.service("store").given("MINIO_ROOT_PASSWORD"));
        this.database = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start();
        this.port = database.getPort();
        Compose.Service made = compose.service("database");
        execute("create role %s login password '%s'"
                .formatted(made.given("POSTGRES_USER"), made.given("POSTGRES_PASSWORD")));
        execute("create database %s owner %s".formatted(made.given("POSTGRES_DB"), made.given("POSTGRES_USER")));
    }

    private void execute(String statement) throws SQLException {
        try (Connection connection = database.getPostgresDatabase().getConnection();
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    /** Runs a service to its end, as what others wait for before they start. */
    int complete(String service) throws Exception {
        Compose.Service said = compose.service(service);
        try (Program program = start(said)) {
            return program.awaitExit();
        }
    }

    /** Starts nodes side by side, and waits until they listen. */
    void up(String... services) throws Exception {
        Map<String, Program> programs = new LinkedHashMap<>();
        for (String service : services) {
            programs.put(service, start(compose.service(service)));
        }
        for (Map.Entry<String, Program> each : programs.entrySet()) {
            nodes.put(each.getKey(), new Node(each.getKey(), each.getValue(), LiveServer.of(each.getValue())));
        }
    }

    Node node(String service) {
        Node node = nodes.get(service);
        if (node == null) {
            throw new AssertionError(service + " does not run");
        }
        return node;
    }

    List<Node> nodes() {
        return List.copyOf(nodes.values());
    }

    private Program start(Compose.Service service) throws IOException {
        Path home = Files.createDirectories(house.ground().resolve("containers").resolve(service.name()));
        for (Map.Entry<String, String> volume : service.volumes().entrySet()) {
            Path mounted = home.resolve(Path.of(HOME).relativize(Path.of(volume.getKey())));
            if (!Files.exists(mounted)) {
                Files.createSymbolicLink(
                        mounted,
                        Files.createDirectories(
                                house.ground().resolve("volumes").resolve(volume.getValue())));
            }
        }
        Map<String, String> environment = new HashMap<>();
        environment.put("FLOWSTATE_HOME", home.toString());
        service.environment().forEach((name, value) -> environment.put(name, here(value)));
        environment.put("FLOWSTATE_SERVER_PORT", "0");
        environment.put("FLOWSTATE_SERVER_DRAIN", "1s");
        environment.put("FLOWSTATE_JOBS_HEARTBEAT", "500ms");
        environment.put("FLOWSTATE_MODELS_MIN_FREE", "1 MiB");
        environment.put(
                "FLOWSTATE_CATALOGUE_FILE",
                house.ground().resolve("catalogue.yaml").toString());
        return Program.start(
                home,
                environment,
                Stream.concat(Stream.of(Program.LAUNCHER), service.command().stream())
                        .toList());
    }

    /** An address of the network of containers as it is on this machine. */
    private String here(String value) {
        return value.replace("//database:5432", "//127.0.0.1:" + port)
                .replace("//store:9000", "//127.0.0.1:" + store.port())
                .replace("0.0.0.0", "127.0.0.1");
    }

    /** The database is gone, with all connections to it. */
    void stopDatabase() throws IOException {
        database.close();
    }

    /** It is back where it was, with what it had. */
    void startDatabase() throws IOException {
        database = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }

    @Override
    public void close() throws IOException {
        for (Node node : nodes.values()) {
            node.server().close();
            node.program().close();
        }
        store.close();
        database.close();
    }
}
