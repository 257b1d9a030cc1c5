package io.flowstate.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A resolver that says what the test wants, another thing each time if need be. A name has as many look-ups as answers. */
final class Names implements Lookup {
    private final Map<String, Deque<List<InetAddress>>> answers = new HashMap<>();
    private int asked;

    /** The next answer for the name, after those it has already. */
    synchronized Names then(String name, String... addresses) {
        answers.computeIfAbsent(name, _ -> new ArrayDeque<>())
                .add(Arrays.stream(addresses).map(InetAddress::ofLiteral).toList());
        return this;
    }

    synchronized int asked() {
        return asked;
    }

    @Override
    public synchronized List<InetAddress> addresses(String host) throws UnknownHostException {
        asked++;
        Deque<List<InetAddress>> left = answers.get(host);
        if (left == null || left.isEmpty()) {
            throw new UnknownHostException(host);
        }
        return left.removeFirst();
    }
}
