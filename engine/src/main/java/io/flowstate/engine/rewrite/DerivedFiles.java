package io.flowstate.engine.rewrite;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What is kept of one graph in its model's folder of derived files: the rewritten graph, {@code ROLE-KEY.onnx}, and the verdict, {@code ROLE-KEY.properties}. The key stands for the published file, the rules and the runtime, so that
 * with any of them changed nothing is there. The verdict is put in place last and whole: what lies there without it is what a dead attempt has left.
 *
 * <p>Used by whoever holds the model's lock on the folder.
 */
record DerivedFiles(Path folder, String role, String key) {
    private static final int KEY_LENGTH = 16;
    private static final int PIECE_BYTES = 1 << 20;

    static DerivedFiles of(Path folder, String role, String sha256, int rules, String runtime) {
        MessageDigest digest = sha256();
        digest.update(
                "%s rules %d onnxruntime %s".formatted(sha256, rules, runtime).getBytes(StandardCharsets.UTF_8));
        return new DerivedFiles(
                folder, role, HexFormat.of().formatHex(digest.digest()).substring(0, KEY_LENGTH));
    }

    Path graph() {
        return file("onnx");
    }

    /** Where an attempt writes the graph with its constants folded. */
    Path folded() {
        return file("folded.part");
    }

    /** Where an attempt writes its result. */
    Path unfinished() {
        return file("onnx.part");
    }

    private Path verdictFile() {
        return file("properties");
    }

    private Path file(String ending) {
        return folder.resolve("%s-%s.%s".formatted(role, key, ending));
    }

    /** Empty when there is none, or none that can be understood. */
    Optional<Verdict> verdict() throws IOException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(verdictFile())) {
            properties.load(in);
            return Optional.of(Verdict.of(properties));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (CharacterCodingException | IllegalArgumentException damaged) {
            return Optional.empty();
        }
    }

    /** Whether there is a file that may be what a verdict speaks of. */
    boolean seemsToHold(Verdict verdict) {
        return !(verdict instanceof Verdict.Rewritten) || Files.exists(graph());
    }

    /** Whether what a verdict speaks of is there, byte for byte. */
    boolean holds(Verdict verdict) throws IOException {
        return !(verdict instanceof Verdict.Rewritten made)
                || (Files.exists(graph()) && hash(graph()).equals(made.sha256()));
    }

    /** Keeps what an attempt has made, if it made something, and what is to be said of it. */
    void keep(Verdict verdict) throws IOException {
        Path part = file("properties.part");
        // What takes room first: when there is none, nothing but parts is left.
        try (Writer out = Files.newBufferedWriter(part)) {
            verdict.toProperties().store(out, null);
        }
        if (verdict instanceof Verdict.Rewritten) {
            Files.move(unfinished(), graph(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.deleteIfExists(graph());
        }
        Files.move(part, verdictFile(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Deletes what other keys have left. */
    void sweepOthers() throws IOException {
        sweep(name -> !name.startsWith("%s-%s.".formatted(role, key)));
    }

    /** Deletes what a dead attempt has left. */
    void sweepUnfinished() throws IOException {
        sweep(name -> name.endsWith(".part"));
    }

    private void sweep(Predicate<String> which) throws IOException {
        // Not by the role's letters alone: another role may begin with them.
        Predicate<String> ofRole = Pattern.compile("%s-[0-9a-f]{%d}\\..*".formatted(Pattern.quote(role), KEY_LENGTH))
                .asMatchPredicate();
        try (DirectoryStream<Path> swept = Files.newDirectoryStream(
                folder, each -> ofRole.and(which).test(each.getFileName().toString()))) {
            for (Path each : swept) {
                Files.deleteIfExists(each);
            }
        } catch (DirectoryIteratorException failed) {
            throw failed.getCause();
        }
    }

    static String hash(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] piece = new byte[PIECE_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                digest.update(piece, 0, length);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
