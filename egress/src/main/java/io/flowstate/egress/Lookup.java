package io.flowstate.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses of a host name. Called by many threads; blocks. */
@FunctionalInterface
interface Lookup {
    /**
     * All addresses of the name, at least one.
     *
     * @throws UnknownHostException if there is no such name, or nobody told in time
     */
    List<InetAddress> addresses(String host) throws UnknownHostException;
}
