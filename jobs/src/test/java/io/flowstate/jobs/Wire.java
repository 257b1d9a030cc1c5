package io.flowstate.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way to a server of this machine, which can be cut: connections break off, and new ones are refused until it is mended. Thread-safe. */
final class Wire implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Wire.class);

    private final int server;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Set<Socket> hushed = ConcurrentHashMap.newKeySet();
    private ServerSocket listening;

    Wire(int server) throws IOException {
        this.server = server;
        this.listening = listen(0);
        this.port = listening.getLocalPort();
    }

    int port() {
        return port;
    }

    /** The server's address as it is by this way. */
    String over(String address) {
        return address.replace(":" + server + "/", ":" + port + "/");
    }

    synchronized void cut() throws IOException {
        listening.close();
        for (Socket each : open) {
            each.close();
        }
    }

    /** From now on nothing gets through on the connections that there are, and neither side is told; new ones work. */
    void hush() {
        open.forEach(hushed::add);
    }

    synchronized void mend() throws IOException {
        listening = listen(port);
    }

    private ServerSocket listen(int at) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at));
        Thread.ofVirtual().start(() -> accept(socket));
        return socket;
    }

    private void accept(ServerSocket socket) {
        try {
            while (true) {
                Socket client = socket.accept();
                Socket there = new Socket(InetAddress.getLoopbackAddress(), server);
                open.add(client);
                open.add(there);
                if (socket.isClosed()) {
                    client.close();
                    there.close();
                }
                Thread.ofVirtual().start(() -> pass(client, there));
                Thread.ofVirtual().start(() -> pass(there, client));
            }
        } catch (IOException cut) {
            log.debug("the wire is cut", cut);
        }
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] some = new byte[8_192];
            for (int got = in.read(some); got >= 0; got = in.read(some)) {
                if (!hushed.contains(from)) {
                    out.write(some, 0, got);
                }
            }
        } catch (IOException over) {
            log.debug("a connection is over", over);
        } finally {
            open.remove(from);
        }
    }

    @Override
    public void close() throws IOException {
        cut();
    }
}
