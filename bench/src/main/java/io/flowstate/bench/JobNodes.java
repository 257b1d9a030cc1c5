package io.flowstate.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Some nodes as processes of their own, each a whole server with a provider that computes nothing, on one database and one folder of blobs. */
final class JobNodes implements AutoCloseable {
    private static final List<String> HEAP = List.of("-XX:+UseSerialGC", "-Xmx512m");
    private static final JsonMapper MAPPER = new JsonMapper();

    final List<ChildServer> all = new ArrayList<>();
    private final @Nullable BenchPostgres postgres;

    /** @param works whether they run jobs, or only take them in */
    JobNodes(Path folder, int count, @Nullable BenchPostgres postgres, boolean works) throws IOException {
        this.postgres = postgres;
        Optional<String> address = postgres == null ? Optional.empty() : Optional.of(postgres.address());
        Path data = Files.createDirectories(folder.resolve("data"));
        try {
            for (int i = 0; i < count; i++) {
                Path spool = folder.resolve("spool-" + i);
                NoOpServer.Node node = new NoOpServer.Node(spool, data, address, works, false);
                all.add(new ChildServer(
                        NoOpServer.class, HEAP, node.arguments(), folder.resolve("node-%d.log".formatted(i))));
            }
        } catch (IOException failed) {
            close();
            throw failed;
        }
    }

    /** A kilobyte of audio that is handed in as a job. */
    static byte[] submission() throws IOException {
        byte[] wav = OurJobs.smallWav();
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(HttpConnection.head("/v1/jobs?task=stems&stems=vocals", "audio/wav", wav.length));
        request.write(wav);
        return request.toByteArray();
    }

    static String idOf(String job) {
        return MAPPER.readTree(job).get("id").stringValue();
    }

    static long revisionOf(String job) {
        return MAPPER.readTree(job).get("revision").longValue();
    }

    /** Returns when every job is over. */
    void awaitIdle() throws IOException {
        try (HttpConnection connection = new HttpConnection(all.getFirst().port())) {
            for (String status : List.of("queued", "running")) {
                while (!MAPPER.readTree(connection.get("/v1/jobs?limit=1&status=" + status))
                        .get("jobs")
                        .isEmpty()) {
                    Laps.rest(10);
                }
            }
        }
    }

    /** Processor time of the nodes and of the database's processes. */
    Duration cpu() throws IOException {
        Duration sum = postgres == null ? Duration.ZERO : postgres.cpu();
        for (ChildServer node : all) {
            sum = sum.plus(node.cpu());
        }
        return sum;
    }

    @Override
    public void close() {
        all.forEach(ChildServer::close);
    }
}
