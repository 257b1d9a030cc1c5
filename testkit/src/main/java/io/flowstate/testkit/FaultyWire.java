package io.flowstate.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way from a client to a server on this machine, on which faults happen as a test plans them. It carries one request per connection, see {@link WireExchange}. */
public final class FaultyWire implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FaultyWire.class);

    /** What befalls an exchange. */
    @FunctionalInterface
    public interface Fault {
        void befall(WireExchange exchange) throws IOException;
    }

    private record Planned(String words, Fault fault) {}

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int serverPort;
    private final List<Planned> plan = new CopyOnWriteArrayList<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    public FaultyWire(int serverPort) throws IOException {
        this.serverPort = serverPort;
        Thread.ofVirtual().start(this::accept);
    }

    /** The server is not asked; an error comes instead. */
    public static Fault error(int status, String code) {
        return exchange -> exchange.answer(status, code);
    }

    /** The server is not asked, and no answer comes for as long as the client waits. */
    public static Fault silence() {
        return WireExchange::awaitClientLeaving;
    }

    /** Of the answer so many bytes come after its head; then the connection ends. */
    public static Fault cutAnswer(long bodyBytes) {
        return exchange -> {
            exchange.passRequest();
            exchange.passAnswer(bodyBytes);
        };
    }

    /** Of the answer so many bytes come after its head, which calls that its length. */
    public static Fault shortAnswer(long bodyBytes) {
        return exchange -> {
            exchange.passRequest();
            exchange.passShortAnswer(bodyBytes);
        };
    }

    /** Of the answer so many bytes come after its head; then nothing more for as long as the client waits. */
    public static Fault stalledAnswer(long bodyBytes) {
        return exchange -> {
            exchange.passRequest();
            exchange.passAnswer(bodyBytes);
            exchange.awaitClientLeaving();
        };
    }

    /** The server does what it was asked for, and its answer is lost. */
    public static Fault lostAnswer() {
        return exchange -> {
            exchange.passRequest();
            exchange.swallowAnswer();
        };
    }

    /** The connection ends when so many bytes of the request's body have passed. */
    public static Fault cutRequest(long bodyBytes) {
        return exchange -> exchange.passRequest(bodyBytes);
    }

    /** One bit of the request's body is another when it arrives. */
    public static Fault flippedBit() {
        return exchange -> {
            exchange.passRequestWithFlippedBit();
            exchange.passAnswer(Long.MAX_VALUE);
        };
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** The next {@code times} requests whose first line contains {@code words} meet the fault. */
    public void plan(int times, String words, Fault fault) {
        for (int each = 0; each < times; each++) {
            plan.add(new Planned(words, fault));
        }
    }

    /** Faults that nothing has met yet. */
    public int unmet() {
        return plan.size();
    }

    /** How many requests so far had a first line that contains {@code words}. */
    public long seen(String words) {
        return seen.stream().filter(line -> line.contains(words)).count();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket each : open) {
            each.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException closed) {
            log.debug("the wire is closed", closed);
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
            WireExchange exchange = new WireExchange(client, server);
            if (exchange.isOne()) {
                seen.add(exchange.firstLine());
                next(exchange.firstLine()).befall(exchange);
            }
        } catch (IOException gone) {
            log.debug("one end has hung up, which the other is to notice", gone);
        }
    }

    private synchronized Fault next(String line) {
        for (Planned each : plan) {
            if (line.contains(each.words())) {
                plan.remove(each);
                return each.fault();
            }
        }
        return cutAnswer(Long.MAX_VALUE);
    }
}
