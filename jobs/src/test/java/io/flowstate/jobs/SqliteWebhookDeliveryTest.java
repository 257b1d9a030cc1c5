package io.flowstate.jobs;

import io.flowstate.storage.Database;
import java.nio.file.Path;

final class SqliteWebhookDeliveryTest extends WebhookDeliveryContract {
    @Override
    Database database(Path folder) {
        return Databases.sqlite(folder);
    }
}
