package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.DurationText;
import io.flowstate.core.FlowError;
import io.flowstate.core.gateway.Gateway;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running HTTP server. Thread-safe. Requests run on virtual threads, one each. */
public final class Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Server.class);
    /** Jetty would stop at 200, and with so many who listen to jobs nobody else would be answered. Those that wait hold a virtual thread each; work has limits of its own. */
    private static final int MOST_REQUESTS = 10_000;

    private static final int READ_BUFFER_BYTES = 64 << 10;
    /** What a connection that carries nothing gets when the server stops; also one whose refusal is about to be written, on a machine with more to do. */
    private static final long LEAVE_MILLIS = 500;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final org.eclipse.jetty.server.Server jetty;
    private final int port;
    private final Router router;
    private final InFlight inFlight;
    private final Duration drain;

    private Server(org.eclipse.jetty.server.Server jetty, int port, Router router, InFlight inFlight, Duration drain) {
        this.jetty = jetty;
        this.port = port;
        this.router = router;
        this.inFlight = inFlight;
        this.drain = drain;
    }

    /**
     * Opens the port; when this returns, requests are answered.
     *
     * @param node what this one does: without the role api it answers only those who look after it; without the role worker all that is asked becomes a job for others
     * @param jobs what is handed in; they run wherever there is a worker
     * @param metrics the same that the gateway was given as telemetry
     * @param clock for upload times and file dates
     * @param version shown on the front page, by {@code /healthz} and in the API's description
     * @throws FlowError {@link Code#BAD_CONFIG} if the port is taken or the spool folder cannot be used
     */
    public static Server start(
            ServerConfig config,
            Node node,
            Gateway gateway,
            JobsHouse jobs,
            Metrics metrics,
            Clock clock,
            String version) {
        InFlight inFlight = new InFlight(config.maxInFlight(), config.drain());
        Readiness readiness = new Readiness(node, gateway);
        StatusEndpoints status = new StatusEndpoints(node, readiness, inFlight, metrics, version);
        Router router = node.has(Role.API)
                ? router(config, node, gateway, jobs, inFlight, status, clock, version)
                : new Router(status);
        metrics.watch(gateway);
        metrics.watch(inFlight);
        metrics.watch(readiness);
        org.eclipse.jetty.server.Server jetty =
                new org.eclipse.jetty.server.Server(new VirtualThreadPool(MOST_REQUESTS));
        ServerConnector connector = connector(jetty, config);
        jetty.addConnector(connector);
        jetty.setHandler(new GracefulHandler(new Edge(config, router, metrics, clock)));
        jetty.setErrorHandler(Errors::answerForJetty);
        jetty.setStopTimeout(PATIENCE.toMillis());
        try {
            jetty.start();
        } catch (IOException taken) {
            stop(jetty);
            throw FlowError.of(Code.BAD_CONFIG, "The server cannot listen on %s:%d.", config.host(), config.port())
                    .field("server.port")
                    .advice("Stop what uses the port, or choose another; 0 takes any that is free.")
                    .causedBy(taken);
        } catch (Exception unexpected) {
            stop(jetty);
            throw new IllegalStateException("the HTTP server did not start", unexpected);
        }
        Server server = new Server(jetty, connector.getLocalPort(), router, inFlight, config.drain());
        log.info("listening on http://{}:{}", config.host(), server.port());
        return server;
    }

    private static Router router(
            ServerConfig config,
            Node node,
            Gateway gateway,
            JobsHouse house,
            InFlight inFlight,
            StatusEndpoints status,
            Clock clock,
            String version) {
        Spool spool = Spool.in(config.spoolFolder());
        JobOptions options = new JobOptions(gateway.catalogue(), house.uploads(), house.egress());
        JobsEndpoints jobs = new JobsEndpoints(gateway, house.jobs(), options, spool, inFlight);
        return new Router(
                new StemsEndpoint(node, gateway, house.jobs(), options, jobs, spool, inFlight, config, clock),
                jobs,
                new JobEvents(house.jobs(), inFlight),
                new JobOutputEndpoint(house.jobs(), house.links(), inFlight),
                new WebhookEndpoints(house.webhooks(), house.secrets()),
                new UploadsEndpoint(house.uploads(), inFlight, JobsEndpoints.OWNER),
                new CatalogueEndpoints(gateway),
                new PlanEndpoint(gateway, house.jobs()),
                status,
                new Pages(version));
    }

    /** The port that is really bound. */
    public int port() {
        return port;
    }

    Router router() {
        return router;
    }

    /** Refuses new tasks, lets those that run finish within the drain time, cancels the rest, and closes the port. Blocks until all is over. */
    public void drainAndStop() {
        drainAndStop(() -> {});
    }

    /**
     * The same, with something else that has to end, which is run beside it. The port stays open until that is over too, so that whoever looks after the node sees it stop.
     */
    public void drainAndStop(Runnable other) {
        if (drain.isZero()) {
            log.info("stopping: no new work is taken, and what runs is canceled");
        } else {
            log.info("draining: no new work is taken, and what runs may finish within {}", DurationText.of(drain));
        }
        Thread beside = Thread.ofVirtual().name("drain").start(other);
        inFlight.drain();
        join(beside);
        log.info("stopping");
        close();
    }

    /** Stops without waiting for what runs; it is canceled. */
    @Override
    public void close() {
        inFlight.cancelAll(PATIENCE);
        stop(jetty);
    }

    private static ServerConnector connector(org.eclipse.jetty.server.Server jetty, ServerConfig config) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setIdleTimeout(config.idle().toMillis());
        HttpConnectionFactory factory = new HttpConnectionFactory(http);
        factory.setInputBufferSize(READ_BUFFER_BYTES);
        ServerConnector connector = new ServerConnector(jetty, 1, 1, factory);
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setIdleTimeout(config.idle().toMillis());
        connector.setShutdownIdleTimeout(LEAVE_MILLIS);
        return connector;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stop(org.eclipse.jetty.server.Server jetty) {
        try {
            jetty.stop();
        } catch (Exception stuck) {
            log.warn("the HTTP server did not stop cleanly", stuck);
        }
    }
}
