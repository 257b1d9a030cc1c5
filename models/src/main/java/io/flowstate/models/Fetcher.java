package io.flowstate.models;

import io.flowstate.core.catalogue.Model.Source;
import java.util.List;

/** One way to get a model's files. Implementations run on the pulling thread and leave only verified files behind. */
interface Fetcher {
    /** The most that a fetch takes on the store's disk at one time, in bytes. */
    long diskBytes(Source source, Pull pull);

    /** @throws io.flowstate.core.FlowError why this source cannot deliver; the cancellation's reason when it was stopped */
    Delivery fetch(Source source, List<Wanted> wanted, Pull pull);
}
