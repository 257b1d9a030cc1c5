package io.flowstate.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** A port that leads to another one, over connections of which some are reset when they have carried so many bytes to the server. */
final class FlakyWire implements AutoCloseable {
    private final ServerSocket door;
    private final int target;
    private final ConcurrentLinkedQueue<Long> breaks = new ConcurrentLinkedQueue<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** @param breaksAfter each breaks one connection, the first that carries so many bytes; then the next counts */
    FlakyWire(int target, Long... breaksAfter) {
        this.target = target;
        this.breaks.addAll(List.of(breaksAfter));
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    /** Breaks that have not happened yet. */
    int breaksLeft() {
        return breaks.size();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(server);
                Thread.ofVirtual().start(() -> carryUp(client, server));
                Thread.ofVirtual().start(() -> carryDown(server, client));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void carryUp(Socket client, Socket server) {
        byte[] buffer = new byte[16 << 10];
        long carried = 0;
        try (client;
                server) {
            InputStream from = client.getInputStream();
            OutputStream to = server.getOutputStream();
            for (int got = from.read(buffer); got >= 0; got = from.read(buffer)) {
                to.write(buffer, 0, got);
                carried += got;
                Long limit = breaks.peek();
                if (limit != null && carried >= limit && breaks.remove(limit)) {
                    client.setSoLinger(true, 0);
                    server.setSoLinger(true, 0);
                    return;
                }
            }
        } catch (IOException ended) {
            // Either side has gone, which ends both.
        }
    }

    private static void carryDown(Socket server, Socket client) {
        try {
            server.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException ended) {
            // Either side has gone, which ends both.
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
