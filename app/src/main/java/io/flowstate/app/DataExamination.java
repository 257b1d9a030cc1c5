package io.flowstate.app;

import io.flowstate.app.Examination.Finding;
import io.flowstate.core.ByteCount;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.storage.EmbeddedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Looks at the folder in which a server of these settings keeps its jobs. */
final class DataExamination {
    private static final String SUBJECT = "data";
    private static final String ADVICE = "Set data.folder or FLOWSTATE_HOME.";

    private DataExamination() {}

    static Finding of(Settings settings, Places places) {
        Path folder;
        try {
            folder = settings.get(StoreKeys.DATA_FOLDER).orElseGet(places::data);
        } catch (FlowError homeless) {
            return Finding.problem(
                    SUBJECT, homeless.message(), homeless.advice().orElse(ADVICE));
        }
        Path existing = Examination.existing(folder);
        Optional<String> refusal = Examination.refusal(existing);
        if (refusal.isPresent()) {
            return Finding.problem(SUBJECT, refusal.get(), ADVICE);
        }
        try {
            String free = ByteCount.text(Files.getFileStore(existing).getUsableSpace());
            String jobs = settings.get(StoreKeys.DATABASE_URL).isPresent()
                    ? "jobs are in the PostgreSQL of database.url"
                    : inside(folder);
            return Finding.ok(SUBJECT, "%s free in %s; %s".formatted(free, folder, jobs));
        } catch (IOException unreadable) {
            return Finding.problem(
                    SUBJECT,
                    "%s: %s".formatted(folder, Reason.of(unreadable)),
                    "Restore it from a backup, or set data.folder to another folder.");
        }
    }

    private static String inside(Path folder) throws IOException {
        if (!EmbeddedFolder.exists(folder)) {
            return "no jobs there yet";
        }
        EmbeddedFolder look = EmbeddedFolder.look(folder);
        return "database of %s, its tables of version %d, %s"
                .formatted(
                        ByteCount.text(look.bytes()),
                        look.version(),
                        look.isInUse() ? "used by a running server" : "not in use");
    }
}
