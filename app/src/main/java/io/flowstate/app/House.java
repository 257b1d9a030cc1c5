package io.flowstate.app;

import io.flowstate.audio.FfmpegTools;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.engine.rewrite.RewrittenGraphs;
import io.flowstate.models.DiskModelStore;

/** All parts of FlowState, put together as the settings say. Parts start when they are first asked for. */
interface House extends AutoCloseable {
    /** Puts a house together; commands are given one of these, tests their own. */
    @FunctionalInterface
    interface Builder {
        House build(Settings settings);
    }

    Catalogue catalogue();

    Gateway gateway();

    DiskModelStore models();

    /** What this machine has made of the models' graphs. */
    RewrittenGraphs rewrittenGraphs();

    /** The programs that decode and encode. */
    FfmpegTools ffmpeg();

    /** Starts the HTTP server. */
    Served serve();

    /** Stops what was started; waits until it has. */
    @Override
    void close();

    /** A server that runs. */
    interface Served {
        /** E.g. {@code http://127.0.0.1:7070}. */
        String address();

        /** Takes no new work, lets what runs finish as long as the settings allow, and stops. */
        void drainAndStop();
    }
}
