package io.flowstate.jobs;

import io.flowstate.storage.Database;
import java.nio.file.Path;

final class SqliteWebhookEventsTest extends WebhookEventsContract {
    @Override
    Database database(Path folder) {
        return Databases.sqlite(folder);
    }
}
