package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import java.nio.file.Path;

/**
 * One model being fetched by one thread, which holds the model's lock. The sources are asked in the order of the catalogue until one has delivered.
 *
 * @param scratch of this pull alone, on the store's own disk; deleted at its end
 * @param partial where broken HTTP downloads wait for their rest, across pulls
 */
record Pull(Model model, Path scratch, Path partial, Quarantine quarantine, Meter meter, Cancellation cancellation) {}
