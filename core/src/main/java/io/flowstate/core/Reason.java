package io.flowstate.core;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Words for a person about an exception that others threw: those of the file system are often a mere path, which says nothing without the exception's kind. */
public final class Reason {
    private Reason() {}

    /** What went wrong and with what, without a full stop. */
    public static String of(Throwable cause) {
        if (cause instanceof FileSystemException file) {
            return file.getFile() == null ? kind(file) : kind(file) + ", " + file.getFile();
        }
        String message = cause.getMessage();
        String kind = cause.getClass().getSimpleName();
        return message == null ? kind : kind + ", " + message.strip();
    }

    /** The same of a failure whose file has been named already. */
    public static String kind(FileSystemException refused) {
        return switch (refused) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "no such file or folder";
            case FileAlreadyExistsException _ -> "a file is in the way";
            case NotDirectoryException _ -> "not a folder";
            case DirectoryNotEmptyException _ -> "the folder is not empty";
            default ->
                refused.getReason() == null
                        ? refused.getClass().getSimpleName()
                        : refused.getReason().strip();
        };
    }
}
