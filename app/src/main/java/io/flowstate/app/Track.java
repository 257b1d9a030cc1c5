package io.flowstate.app;

import java.nio.file.Path;

/**
 * One input of a batch.
 *
 * @param shown just as it was named, or below the folder that was named; messages call it so
 * @param folder where it lies below the folder that was named on the command line, with slashes; empty for a file that was named itself
 * @param number its place in the batch, from 1; 0 before it has one
 */
record Track(Path file, String shown, String folder, int number) implements Tracks.Input {
    /** One that is elsewhere: only its name is known here. */
    static Track called(String name) {
        Path file = Path.of(name.replaceAll("[\\p{Cntrl}/\\\\:]", "_"));
        return new Track(file, name, "", 1);
    }

    /** How progress calls it in a batch of so many. */
    String label(int count) {
        return count == 1 ? fileName() : "[%d/%d] %s".formatted(number, count, fileName());
    }

    /** The file's name without its extension, fit to be a folder's or a file's name. */
    String name() {
        String whole = fileName();
        int dot = whole.lastIndexOf('.');
        String name = (dot > 0 ? whole.substring(0, dot) : whole).replaceAll("[\\p{Cntrl}/\\\\:]", "_");
        return name.matches("\\.*") ? "track" : name;
    }

    String fileName() {
        Path last = file.getFileName();
        return last == null ? file.toString() : last.toString();
    }
}
