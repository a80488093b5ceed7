# Completion of securely for PowerShell.
# Use it with: securely completion pwsh | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName securely -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # The text of the command ends with its last word; blanks up to the cursor say that a new word begins.
    $position = $cursorPosition - $commandAst.Extent.StartOffset
    $line = $commandAst.Extent.Text.PadRight($position).Substring(0, $position)
    $program = $commandAst.CommandElements[0].Value

    & $program "[suggest:$position]" $line 2> $null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
