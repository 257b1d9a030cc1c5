package io.flowstate.jobs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flowstate.jobs.webhook.WebhookSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** Somebody's server on this machine, to which messages go. It accepts them unless it is told otherwise. */
final class Receiver implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;
    private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Integer> next = new ConcurrentLinkedQueue<>();
    private final AtomicInteger present = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private volatile int otherwise = 200;
    private volatile CountDownLatch held = new CountDownLatch(0);

    /** One request. */
    record Arrived(Map<String, String> headers, String body) {
        String id() {
            return headers.getOrDefault("webhook-id", "");
        }

        JsonNode json() {
            return Documents.parse(body);
        }

        String type() {
            return json().get("type").stringValue();
        }

        /** How many of its signatures the secret explains; worked out here from the specification's words. */
        long signaturesBy(WebhookSecret secret) throws GeneralSecurityException {
            byte[] key = Base64.getDecoder().decode(secret.text().value().split("_", 2)[1]);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            String signed = "%s.%s.%s".formatted(id(), headers.get("webhook-timestamp"), body);
            String expected =
                    "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
            return Arrays.stream(signatures()).filter(expected::equals).count();
        }

        String[] signatures() {
            return headers.getOrDefault("webhook-signature", "").split(" ");
        }
    }

    /** @param address of the loopback interface: each counts as a host of its own */
    Receiver(String address) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), 0), 0);
        server.createContext("/", this::receive);
        server.setExecutor(threads);
        server.start();
    }

    URI url() {
        return URI.create("http://" + entry() + "/hook");
    }

    /** What lets messages out to it. */
    String entry() {
        return server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
    }

    /** What it says to the next requests, before it goes on as usual. */
    void answerNext(int... statuses) {
        Arrays.stream(statuses).forEach(next::add);
    }

    void answer(int status) {
        otherwise = status;
    }

    /** Lets requests come and leaves them without an answer until {@link #release}. */
    void hold() {
        held = new CountDownLatch(1);
    }

    void release() {
        held.countDown();
    }

    /** All requests so far, in the order in which they came. */
    List<Arrived> arrived() {
        return List.copyOf(arrived);
    }

    /** The most requests that were here at the same time. */
    int most() {
        return most.get();
    }

    private void receive(HttpExchange exchange) throws IOException {
        most.accumulateAndGet(present.incrementAndGet(), Math::max);
        try (exchange) {
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, String.join(", ", values)));
            Integer status = next.poll();
            CountDownLatch gate = held;
            arrived.add(
                    new Arrived(headers, new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            boolean _ = gate.await(30, TimeUnit.SECONDS);
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(status == null ? otherwise : status, -1);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            present.decrementAndGet();
        }
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        threads.close();
    }
}
