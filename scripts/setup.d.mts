/** Time of the newest file in a file or folder, in milliseconds; 0 if there is none. */
export function newest(path: string): number;
